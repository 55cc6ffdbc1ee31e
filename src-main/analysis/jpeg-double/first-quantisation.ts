/**
 * What the coefficients of one frequency look like after one or two quantisations, and which first step explains them best.
 *
 * The distribution before any quantisation is read from the picture's own pixels on a grid that is shifted by four, where the
 * blocks of the file have left little (calibration: J. Fridrich, M. Goljan, D. Hogea, 2002). With its cumulative
 * C(t), first step a and second step b, a stored value x has
 *   P_single(x) = C((x + 1/2) b) - C((x - 1/2) b)
 *   P_double(x) = sum_k (C((k + 1/2) a) - C((k - 1/2) a)) (F(((x + 1/2) b - k a) / s) - F(((x - 1/2) b - k a) / s))
 * where F is the normal distribution and s the noise of rounding to pixels between the two (as in T. Bianchi, A. Piva, "Image
 * Forgery Localization via Block-Grained Analysis of JPEG Artifacts", IEEE TIFS 7(3), 2012).
 */

/** Coefficients of 8-bit pictures lie within; orthonormal DCT. */
const span = 1024;
/** Rounding to 8-bit RGB and back to luma between two savings, in the DCT domain. */
const roundingNoise = 0.45;
/** Keeps logarithms finite for values that a model forbids. */
const floor = 1e-7;

/** How a coefficient is distributed before quantisation. */
export class CoefficientDensity {
  /** C(i - span - 1/2) for i = 0 ... 2 span + 1. */
  readonly #cumulative: Float64Array;

  constructor(values: Float32Array) {
    const counts = new Float64Array(2 * span + 1);
    for (const value of values) counts[Math.max(0, Math.min(2 * span, Math.round(value) + span))]! += 1;
    // A share that falls with the distance from zero, so that no interval is empty.
    let total = 0;
    for (let i = 0; i < counts.length; i++) {
      counts[i]! += 0.5 / (1 + Math.abs(i - span) / 8);
      total += counts[i]!;
    }
    this.#cumulative = new Float64Array(counts.length + 1);
    for (let i = 0; i < counts.length; i++)
      this.#cumulative[i + 1] = this.#cumulative[i]! + counts[i]! / total;
  }

  /** The share below `t`, linear between whole numbers and a half. */
  below(t: number): number {
    const place = t + span + 0.5;
    if (place <= 0) return 0;
    if (place >= this.#cumulative.length - 1) return 1;
    const whole = Math.floor(place);
    const low = this.#cumulative[whole]!;
    return low + (place - whole) * (this.#cumulative[whole + 1]! - low);
  }
}

/** Abramowitz and Stegun, 26.2.17; error below 1e-7. */
function normal(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    0.3989422804014327 *
    Math.exp((-x * x) / 2) *
    (t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429)))));
  return x >= 0 ? 1 - tail : tail;
}

/** P_single for x = -reach ... reach. */
export function singleModel(density: CoefficientDensity, step: number, reach: number): Float64Array {
  return Float64Array.from({ length: 2 * reach + 1 }, (_, i) => {
    const x = i - reach;
    return Math.max(floor, density.below((x + 0.5) * step) - density.below((x - 0.5) * step));
  });
}

/** P_double for x = -reach ... reach. */
export function doubleModel(
  density: CoefficientDensity,
  { first, step }: { first: number; step: number },
  reach: number,
): Float64Array {
  const model = new Float64Array(2 * reach + 1).fill(floor);
  const most = Math.ceil(((reach + 1) * step) / first);
  for (let k = -most; k <= most; k++) {
    const mass = density.below((k + 0.5) * first) - density.below((k - 0.5) * first);
    const centre = k * first;
    const from = Math.max(-reach, Math.round((centre - 4 * roundingNoise) / step));
    const to = Math.min(reach, Math.round((centre + 4 * roundingNoise) / step));
    for (let x = from; x <= to; x++) {
      const share =
        normal(((x + 0.5) * step - centre) / roundingNoise) -
        normal(((x - 0.5) * step - centre) / roundingNoise);
      model[x + reach]! += mass * share;
    }
  }
  return model;
}

/**
 * Mean gain of log-likelihood a value, in nats, of the mixture `share` single + (1 - share) double over single alone. Zeros are
 * left out and the models scaled to the rest: how many zeros there are says more of the picture's smooth areas than of savings.
 */
export function meanGain(
  counts: Float64Array,
  single: Float64Array,
  double: Float64Array,
  share: number,
): number {
  const zero = (counts.length - 1) / 2;
  let [ofSingle, ofDouble] = [0, 0];
  for (let i = 0; i < counts.length; i++) {
    if (i === zero) continue;
    ofSingle += single[i]!;
    ofDouble += double[i]!;
  }
  const scale = ofSingle / ofDouble;
  let gain = 0;
  let total = 0;
  for (let i = 0; i < counts.length; i++) {
    total += counts[i]!;
    if (counts[i] === 0 || i === zero) continue;
    gain += counts[i]! * Math.log(share + (1 - share) * scale * (double[i]! / single[i]!));
  }
  return total === 0 ? 0 : gain / total;
}
