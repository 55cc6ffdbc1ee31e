/**
 * Orthonormal cosine transform (DCT-II) of square planes, by rows and columns, through a Fourier transform of the same length:
 * J. Makhoul, "A fast cosine transform in one and two dimensions", IEEE TASSP 28(1), 1980.
 */
import FFT from 'fft.js';

export class CosineTransform {
  readonly side: number;
  readonly #fft: FFT;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  readonly #line: Float64Array;
  readonly #spectrum: Float64Array;
  readonly #turned: Float64Array;

  /** @param side a power of two, at least 4 */
  constructor(side: number) {
    this.side = side;
    this.#fft = new FFT(side);
    const angle = (k: number): number => (Math.PI * k) / (2 * side);
    this.#cos = Float64Array.from({ length: side }, (_, k) => Math.cos(angle(k)));
    this.#sin = Float64Array.from({ length: side }, (_, k) => Math.sin(angle(k)));
    this.#line = new Float64Array(side);
    this.#spectrum = new Float64Array(2 * side);
    this.#turned = new Float64Array(side * side);
  }

  /** In place; entry (u across, v down) at v side + u. */
  forward(plane: Float64Array): void {
    const { side } = this;
    const turned = this.#turned;
    for (let y = 0; y < side; y++) this.#transform(plane, y * side, turned, y);
    for (let x = 0; x < side; x++) this.#transform(turned, x * side, plane, x);
  }

  /** The values from `from` on are a line; its coefficients go to `out` at `to`, `to` + side, `to` + 2 side ... */
  #transform(values: Float64Array, from: number, out: Float64Array, to: number): void {
    const { side } = this;
    const line = this.#line;
    const spectrum = this.#spectrum;
    for (let n = 0; n < side / 2; n++) {
      line[n] = values[from + 2 * n]!;
      line[side - 1 - n] = values[from + 2 * n + 1]!;
    }
    this.#fft.realTransform(spectrum, line);
    const scale = Math.sqrt(2 / side);
    for (let k = 0; k < side; k++) {
      const upper = k > side / 2;
      const at = 2 * (upper ? side - k : k);
      const imaginary = upper ? -spectrum[at + 1]! : spectrum[at + 1]!;
      const value = spectrum[at]! * this.#cos[k]! + imaginary * this.#sin[k]!;
      out[to + k * side] = value * (k === 0 ? Math.SQRT1_2 : 1) * scale;
    }
  }
}
