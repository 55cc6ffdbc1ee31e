/**
 * Fourier transform of a whole plane of any size, filled up with zeros to powers of two, in single precision: two of them of 8192 x 4096
 * take 270 MB. Real input is kept as the half of its spectrum that determines the rest.
 */
import FFT from 'fft.js';
import { breathe } from './breathe.ts';
import type { Plane } from './plane.ts';

export class HalfSpectrum {
  readonly #width: number;
  readonly #height: number;
  /** Frequencies kx that are kept: width / 2 + 1. */
  readonly #half: number;
  /** Entry (kx, ky) at 2 (ky half + kx), complex, interleaved. */
  readonly #values: Float32Array;

  private constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#half = width / 2 + 1;
    this.#values = new Float32Array(2 * this.#half * height);
  }

  /** @param width and `height`: powers of two, at least 4 and as large as the plane */
  static async of(plane: Plane, width: number, height: number, signal: AbortSignal): Promise<HalfSpectrum> {
    const of = new HalfSpectrum(width, height);
    const fft = new FFT(width);
    const row = new Float64Array(width);
    const out = new Float64Array(2 * width);
    for (let y = 0; y < plane.height; y++) {
      if (y % 256 === 0) await breathe(signal);
      for (let x = 0, at = y * plane.width; x < plane.width; x++, at++) row[x] = plane.data[at]!;
      fft.realTransform(out, row);
      of.#values.set(out.subarray(0, 2 * of.#half), 2 * y * of.#half);
    }
    await of.#columns((columns, into, from) => columns.transform(into, from), signal);
    return of;
  }

  /** Multiplies by the conjugate of another of the same size: the spectrum of their cross-correlation. */
  async timesConjugateOf(other: HalfSpectrum, signal: AbortSignal): Promise<void> {
    await breathe(signal);
    const [a, b] = [this.#values, other.#values];
    for (let i = 0; i < a.length; i += 2) {
      const [re, im] = [a[i]!, a[i + 1]!];
      a[i] = re * b[i]! + im * b[i + 1]!;
      a[i + 1] = im * b[i]! - re * b[i + 1]!;
    }
  }

  /** The first `rows` rows of the plane, one after another. The spectrum is used up. */
  async inverseRows(
    rows: number,
    signal: AbortSignal,
    take: (y: number, values: Float64Array) => void,
  ): Promise<void> {
    await this.#columns((columns, into, from) => columns.inverseTransform(into, from), signal);
    const fft = new FFT(this.#width);
    const line = new Float64Array(2 * this.#width);
    const out = new Float64Array(2 * this.#width);
    const row = new Float64Array(this.#width);
    for (let y = 0; y < rows; y++) {
      if (y % 256 === 0) await breathe(signal);
      line.set(this.#values.subarray(2 * y * this.#half, 2 * (y + 1) * this.#half));
      fft.completeSpectrum(line);
      fft.inverseTransform(out, line);
      for (let x = 0; x < row.length; x++) row[x] = out[2 * x]!;
      take(y, row);
    }
  }

  async #columns(
    transform: (fft: FFT, into: Float64Array, from: Float64Array) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const fft = new FFT(this.#height);
    const [from, into] = [new Float64Array(2 * this.#height), new Float64Array(2 * this.#height)];
    const values = this.#values;
    for (let kx = 0; kx < this.#half; kx++) {
      if (kx % 256 === 0) await breathe(signal);
      for (let y = 0, at = 2 * kx; y < this.#height; y++, at += 2 * this.#half) {
        from[2 * y] = values[at]!;
        from[2 * y + 1] = values[at + 1]!;
      }
      transform(fft, into, from);
      for (let y = 0, at = 2 * kx; y < this.#height; y++, at += 2 * this.#half) {
        values[at] = into[2 * y]!;
        values[at + 1] = into[2 * y + 1]!;
      }
    }
  }
}
