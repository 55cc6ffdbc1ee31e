/**
 * The fingerprint of a camera: how much more or less than others each pixel of its sensor answers to light, as the maximum-likelihood
 * estimate K = sum(W I) / sum(I I) over pictures I with noise residuals W. M. Chen, J. Fridrich, M. Goljan, J. Lukáš, "Determining
 * image origin and integrity using sensor noise", IEEE TIFS 3(1), 2008. Four planes are kept, whatever the number of pictures.
 */
import { breathe } from '../mathematics/breathe.ts';
import { newPlane, type Plane } from '../mathematics/plane.ts';
import { PlaneTransform } from '../mathematics/plane-transform.ts';
import { waveletResidual } from '../mathematics/wavelet-residual.ts';
import { keepNoise } from '../mathematics/wiener.ts';
import { peakToCorrelationEnergy } from './correlation.ts';
import { tileSide, tileStarts } from './tiles.ts';

/** Deviation of the noise that the residual is made with, in grey levels; the one of the publication. */
const deviation = 3;
/** Brightness from which on a pixel is saturated and holds no pattern. */
export const saturation = 250;

/** W, in grey levels; 0 where the picture is saturated. */
export async function patternResidual(plane: Plane, signal: AbortSignal): Promise<Plane> {
  const residual = await waveletResidual(plane, deviation, signal);
  for (let i = 0; i < plane.data.length; i++) if (plane.data[i]! >= saturation) residual.data[i] = 0;
  return residual;
}

/** Numerator and denominator over pictures of one size. */
class Sums {
  readonly weighted: Plane;
  readonly squares: Float32Array;

  constructor(width: number, height: number) {
    this.weighted = newPlane(width, height);
    this.squares = new Float32Array(width * height);
  }

  add(plane: Plane, residual: Plane): void {
    const sums = this.weighted.data;
    for (let i = 0; i < sums.length; i++) {
      const value = plane.data[i]!;
      if (value >= saturation) continue;
      sums[i]! += residual.data[i]! * value;
      this.squares[i]! += value * value;
    }
  }
}

export interface Fingerprint {
  /** K without what pictures of other cameras share with it. */
  pattern: Plane;
  /** Signed PCE of the fingerprints of both halves of the pictures: whether they share a pattern at all. */
  agreement: number;
}

/** Pictures of one size, one after another. Every second one goes to the other half. */
export class FingerprintMaker {
  readonly #halves: readonly [Sums, Sums];
  #pictures = 0;

  constructor(width: number, height: number) {
    this.#halves = [new Sums(width, height), new Sums(width, height)];
  }

  /** @param plane brightness, 0 to 255 */
  async add(plane: Plane, signal: AbortSignal): Promise<void> {
    this.#halves[this.#pictures++ % 2 === 0 ? 0 : 1].add(plane, await patternResidual(plane, signal));
  }

  /** The sums are used up. */
  async finish(signal: AbortSignal): Promise<Fingerprint> {
    const [one, two] = this.#halves;
    const pattern = { ...one.weighted, data: new Float32Array(one.squares.length) };
    for (let i = 0; i < pattern.data.length; i++) {
      const [first, second] = [one.weighted.data[i]!, two.weighted.data[i]!];
      pattern.data[i] = (first + second) / Math.max(1, one.squares[i]! + two.squares[i]!);
      one.weighted.data[i] = first / Math.max(1, one.squares[i]!);
      two.weighted.data[i] = second / Math.max(1, two.squares[i]!);
    }
    await withoutShared(one.weighted, signal);
    await withoutShared(two.weighted, signal);
    const agreement = await peakToCorrelationEnergy(one.weighted, two.weighted, signal);
    return { pattern: await withoutShared(pattern, signal), agreement };
  }
}

/**
 * Takes away, in place, what cameras of one make share: the means of rows and columns of each of the four sites of the colour filter, and
 * whatever stands out of the magnitudes of the Fourier transform, in tiles.
 */
export async function withoutShared(plane: Plane, signal: AbortSignal): Promise<Plane> {
  for (const [x, y] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ] as const)
    zeroMeans(plane, x, y);
  await flattenSpectrum(plane, signal);
  return plane;
}

/** Of every second row and column from (`left`, `top`) on, first the rows' means are taken away, then the columns'. */
function zeroMeans({ width, height, data }: Plane, left: number, top: number): void {
  const across = Math.ceil((width - left) / 2);
  const down = Math.ceil((height - top) / 2);
  const columns = new Float64Array(across);
  for (let y = top; y < height; y += 2) {
    let sum = 0;
    for (let x = left, at = y * width + left; x < width; x += 2, at += 2) sum += data[at]!;
    const mean = sum / across;
    for (let x = left, at = y * width + left, c = 0; x < width; x += 2, at += 2, c++) {
      data[at]! -= mean;
      columns[c]! += data[at]!;
    }
  }
  for (let y = top; y < height; y += 2)
    for (let x = left, at = y * width + left, c = 0; x < width; x += 2, at += 2, c++)
      data[at]! -= columns[c]! / down;
}

/** Wiener filter of the magnitudes in the Fourier domain: only what looks like white noise stays. */
async function flattenSpectrum(plane: Plane, signal: AbortSignal): Promise<void> {
  const side = tileSide(plane);
  const fourier = new PlaneTransform(side);
  const spectrum = fourier.newSpectrum();
  const magnitude = newPlane(side, fourier.half);
  for (const top of tileStarts(plane.height, side)) {
    await breathe(signal);
    for (const left of tileStarts(plane.width, side)) {
      const rowAt = (y: number): number => (top + y) * plane.width + left;
      let squares = 0;
      fourier.forward((y, row) => {
        for (let x = 0, at = rowAt(y); x < side; x++, at++) {
          row[x] = plane.data[at]!;
          squares += row[x]! * row[x]!;
        }
      }, spectrum);
      if (squares === 0) continue;
      const before = magnitude.data;
      for (let i = 0; i < before.length; i++)
        before[i] = Math.hypot(spectrum[2 * i]!, spectrum[2 * i + 1]!) / side;
      const kept = { ...magnitude, data: before.slice() };
      keepNoise(kept, squares / (side * side));
      for (let i = 0; i < before.length; i++) {
        const share = before[i]! > 0 ? kept.data[i]! / before[i]! : 0;
        spectrum[2 * i]! *= share;
        spectrum[2 * i + 1]! *= share;
      }
      const cleaned = fourier.inverse(spectrum);
      for (let y = 0; y < side; y++)
        for (let x = 0, at = rowAt(y); x < side; x++, at++) plane.data[at] = cleaned[y * side + x]!;
    }
  }
}
