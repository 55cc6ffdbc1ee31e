/**
 * Random numbers that a seed decides: xoshiro128** 1.1, seeded by splitmix32. Not for cryptography.
 *
 * Source: D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 2021 (the generator:
 * period 2^128 - 1, four 32-bit words of state). The seeding hash is the 32-bit finaliser of MurmurHash3 over a Weyl
 * sequence, as splitmix32 does. The whole state is exported as plain integers, so that a checkpoint restores the
 * stream exactly: normal() keeps no spare value between calls.
 */

const GOLDEN = 0x9e3779b9;
/** 2^-32 */
const UNIT_32 = 2.3283064365386963e-10;
/** 2^-53 */
const UNIT_53 = 1.1102230246251565e-16;

/** MurmurHash3's 32-bit finaliser: every input bit changes each output bit with probability of about one half. */
function mix(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Four words from a list of words, in order; never all zero. */
function expand(words: readonly number[]): [number, number, number, number] {
  const state: [number, number, number, number] = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];
  for (const word of [...words, words.length]) {
    for (let i = 0; i < 4; i++) state[i] = mix((state[i]! ^ word) + Math.imul(GOLDEN, i + 1));
    for (let i = 0; i < 4; i++) state[i] = mix(state[i]! + state[(i + 1) & 3]!);
  }
  if ((state[0] | state[1] | state[2] | state[3]) === 0) state[0] = 1;
  return state;
}

/** The words of a text: its UTF-16 units. */
const wordsOf = (text: string): number[] => Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));

/** A stream of random numbers. The same seed and the same calls give the same numbers on every machine. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /**
   * @param seed a finite number (its 64 bits count: 1 and 1.5 differ) or any text
   * @throws RangeError where the number is not finite
   */
  constructor(seed: number | string) {
    let words: number[];
    if (typeof seed === 'number') {
      if (!Number.isFinite(seed)) throw new RangeError(`Random: seed ${seed} is not a finite number`);
      // Adding 0 turns -0 into 0, so that both name one stream.
      words = [0x6e756d, ...new Uint32Array(Float64Array.of(seed + 0).buffer)];
    } else {
      words = [0x747874, ...wordsOf(seed)];
    }
    [this.#a, this.#b, this.#c, this.#d] = expand(words);
  }

  /** The state: four integers in [0, 2^32). */
  state(): number[] {
    return [this.#a, this.#b, this.#c, this.#d];
  }

  /**
   * The stream that goes on where `state()` was taken.
   * @throws RangeError where the state is not four integers in [0, 2^32), or all are zero
   */
  static restore(state: readonly number[]): Random {
    const valid =
      state.length === 4 &&
      state.every((word) => Number.isInteger(word) && word >= 0 && word < 2 ** 32) &&
      state.some((word) => word !== 0);
    if (!valid) throw new RangeError(`Random: [${state.join(', ')}] is not a state of this generator`);
    const random = new Random(0);
    [random.#a, random.#b, random.#c, random.#d] = state as [number, number, number, number];
    return random;
  }

  /** The next 32 bits as an integer in [0, 2^32). */
  bits(): number {
    const scrambled = Math.imul(this.#b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b = (this.#b ^ this.#c) >>> 0;
    this.#a = (this.#a ^ this.#d) >>> 0;
    this.#c = (this.#c ^ shifted) >>> 0;
    this.#d = ((this.#d << 11) | (this.#d >>> 21)) >>> 0;
    return result;
  }

  /** Uniform in [lo, hi), with 53 random bits. */
  uniform(lo = 0, hi = 1): number {
    const high = this.bits() >>> 5; // 27 bits
    const low = this.bits() >>> 6; // 26 bits
    const value = lo + (hi - lo) * ((high * 2 ** 26 + low) * UNIT_53);
    // Rounding may reach hi where the interval is wide against its lower bound.
    return value < hi || lo >= hi ? value : lo;
  }

  /**
   * A whole number in [0, n), each equally likely (draws that would bias are thrown away).
   * @throws RangeError where n is not a whole number in [1, 2^32]
   */
  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32)
      throw new RangeError(`Random.integer: ${n} is not a whole number in [1, 2^32]`);
    const limit = 2 ** 32 - (2 ** 32 % n);
    let draw = this.bits();
    while (draw >= limit) draw = this.bits();
    return draw % n;
  }

  /** Normally distributed (Box and Muller, 1958; the second value of the pair is not kept). */
  normal(mean = 0, sd = 1): number {
    const radius = Math.sqrt(-2 * Math.log((this.bits() + 1) * UNIT_32));
    return mean + sd * radius * Math.cos(2 * Math.PI * this.bits() * UNIT_32);
  }

  /**
   * Gamma distributed with scale 1 (G. Marsaglia, W. Tsang, ACM TOMS 26(3), 2000; boosted for shapes below 1).
   * @throws RangeError where the shape is not positive
   */
  gamma(shape: number): number {
    return Math.exp(this.#logGamma(shape));
  }

  /** ln of a gamma variate: small shapes would underflow otherwise. */
  #logGamma(shape: number): number {
    if (!(shape > 0) || !Number.isFinite(shape))
      throw new RangeError(`Random.gamma: shape ${shape} is not positive`);
    if (shape < 1) return this.#logGamma(shape + 1) + Math.log((this.bits() + 1) * UNIT_32) / shape;
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v <= 0) continue;
      const u = (this.bits() + 1) * UNIT_32;
      if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v);
    }
  }

  /**
   * A point of the simplex, symmetric Dirichlet: k weights in [0, 1] that add up to 1.
   * @throws RangeError where alpha is not positive or k is not a positive whole number
   */
  dirichlet(alpha: number, k: number): number[] {
    if (!Number.isInteger(k) || k < 1)
      throw new RangeError(`Random.dirichlet: k = ${k} is not a positive whole number`);
    const logs = Array.from({ length: k }, () => this.#logGamma(alpha));
    const top = Math.max(...logs);
    const weights = logs.map((value) => Math.exp(value - top));
    const sum = weights.reduce((total, value) => total + value, 0);
    return weights.map((value) => value / sum);
  }

  /**
   * One item, each equally likely.
   * @throws RangeError where the list is empty
   */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('Random.pick: the list is empty');
    return items[this.integer(items.length)]!;
  }

  /** A shuffled copy (Fisher and Yates); the list itself stays as it is. */
  shuffle<T>(items: readonly T[]): T[] {
    const copy = items.slice();
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [copy[i], copy[j]] = [copy[j]!, copy[i]!];
    }
    return copy;
  }

  /**
   * An independent stream named by this stream's present state and a label. Draws nothing from this stream, so that
   * adding a fork never shifts what comes after it.
   */
  fork(label: string): Random {
    const random = new Random(0);
    [random.#a, random.#b, random.#c, random.#d] = expand([...this.state(), ...wordsOf(label)]);
    return random;
  }
}
