/**
 * Two-dimensional Fourier transform of square planes, by rows and columns, with fft.js. Real input is kept as the half of its
 * spectrum that determines the rest: [side / 2 + 1 columns kx][side rows ky], complex, interleaved.
 */
import FFT from 'fft.js';

export class PlaneTransform {
  readonly side: number;
  /** Frequencies kx that are kept: side / 2 + 1. */
  readonly half: number;
  readonly #fft: FFT;
  readonly #row: Float64Array;
  readonly #line: Float64Array;
  readonly #out: Float64Array;

  /** @param side a power of two, at least 4 */
  constructor(side: number) {
    this.side = side;
    this.half = side / 2 + 1;
    this.#fft = new FFT(side);
    this.#row = new Float64Array(side);
    this.#line = new Float64Array(2 * side);
    this.#out = new Float64Array(2 * side);
  }

  /** Space for one half spectrum. */
  newSpectrum(): Float64Array {
    return new Float64Array(2 * this.half * this.side);
  }

  /**
   * @param valueAt fills `row` with row `y` of the plane
   * @param spectrum is overwritten: entry (kx, ky) at 2 (kx side + ky)
   */
  forward(rowOf: (y: number, row: Float64Array) => void, spectrum: Float64Array): void {
    const { side, half } = this;
    for (let y = 0; y < side; y++) {
      rowOf(y, this.#row);
      this.#fft.realTransform(this.#out, this.#row);
      for (let kx = 0; kx < half; kx++) {
        const at = 2 * (kx * side + y);
        spectrum[at] = this.#out[2 * kx]!;
        spectrum[at + 1] = this.#out[2 * kx + 1]!;
      }
    }
    for (let kx = 0; kx < half; kx++) {
      const column = spectrum.subarray(2 * kx * side, 2 * (kx + 1) * side);
      this.#line.set(column);
      this.#fft.transform(column, this.#line);
    }
  }

  /** The real plane [side x side] of a half spectrum, which is overwritten. */
  inverse(spectrum: Float64Array): Float64Array {
    const { side, half } = this;
    for (let kx = 0; kx < half; kx++) {
      const column = spectrum.subarray(2 * kx * side, 2 * (kx + 1) * side);
      this.#line.set(column);
      this.#fft.inverseTransform(column, this.#line);
    }
    const plane = new Float64Array(side * side);
    for (let y = 0; y < side; y++) {
      for (let kx = 0; kx < half; kx++) {
        const at = 2 * (kx * side + y);
        this.#line[2 * kx] = spectrum[at]!;
        this.#line[2 * kx + 1] = spectrum[at + 1]!;
      }
      this.#fft.completeSpectrum(this.#line);
      this.#fft.inverseTransform(this.#out, this.#line);
      for (let x = 0; x < side; x++) plane[y * side + x] = this.#out[2 * x]!;
    }
    return plane;
  }
}

/** Hann window of a length, periodic. */
export const hann = (length: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / length));
