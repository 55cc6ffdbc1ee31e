/**
 * Whether a fingerprint lies in a picture: the peak of their cross-correlation against its energy elsewhere (PCE, signed), and where a
 * cut-out of a larger picture lies. M. Goljan, J. Fridrich, T. Filler, "Large scale test of sensor fingerprint camera identification",
 * SPIE 7254, 2009.
 */
import { breathe } from '../mathematics/breathe.ts';
import type { Plane } from '../mathematics/plane.ts';
import { PlaneTransform } from '../mathematics/plane-transform.ts';
import { HalfSpectrum } from '../mathematics/half-spectrum.ts';
import { tileSide, tileStarts } from './tiles.ts';

/** Shifts around the peak that do not count as elsewhere: 11 x 11. */
const nearPeak = 5;

/**
 * Signed PCE of two planes of one size at shift zero. The cross-correlation is that of tiles, circular within each, summed: all shifts
 * have the same overlap then, and memory is that of one tile.
 */
export async function peakToCorrelationEnergy(a: Plane, b: Plane, signal: AbortSignal): Promise<number> {
  const side = tileSide(a);
  const fourier = new PlaneTransform(side);
  const [first, second, sum] = [fourier.newSpectrum(), fourier.newSpectrum(), fourier.newSpectrum()];
  for (const top of tileStarts(a.height, side)) {
    await breathe(signal);
    for (const left of tileStarts(a.width, side)) {
      fourier.forward(tileRows(a, left, top, side), first);
      fourier.forward(tileRows(b, left, top, side), second);
      for (let i = 0; i < sum.length; i += 2) {
        sum[i]! += first[i]! * second[i]! + first[i + 1]! * second[i + 1]!;
        sum[i + 1]! += first[i + 1]! * second[i]! - first[i]! * second[i + 1]!;
      }
    }
  }
  const correlation = fourier.inverse(sum);
  const peak = correlation[0]!;
  let energy = 0;
  let shifts = 0;
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      if (Math.min(x, side - x) <= nearPeak && Math.min(y, side - y) <= nearPeak) continue;
      energy += correlation[y * side + x]! ** 2;
      shifts++;
    }
  return energy === 0 ? 0 : (Math.sign(peak) * peak * peak * shifts) / energy;
}

/** Rows of a tile, less its mean. */
function tileRows(
  { width, data }: Plane,
  left: number,
  top: number,
  side: number,
): (y: number, row: Float64Array) => void {
  let sum = 0;
  for (let y = 0; y < side; y++)
    for (let x = 0, at = (top + y) * width + left; x < side; x++, at++) sum += data[at]!;
  const mean = sum / (side * side);
  return (y, row) => {
    for (let x = 0, at = (top + y) * width + left; x < side; x++, at++) row[x] = data[at]! - mean;
  };
}

/**
 * Where in the fingerprint a smaller plane of residual x brightness fits best, over every place at which it lies inside.
 * @returns its upper left corner, and how many places there were
 */
export async function bestPlace(
  small: Plane,
  fingerprint: Plane,
  signal: AbortSignal,
): Promise<{ x: number; y: number; places: number }> {
  const width = 2 ** Math.ceil(Math.log2(fingerprint.width));
  const height = 2 ** Math.ceil(Math.log2(fingerprint.height));
  const whole = await HalfSpectrum.of(fingerprint, width, height, signal);
  await whole.timesConjugateOf(await HalfSpectrum.of(small, width, height, signal), signal);
  const across = fingerprint.width - small.width + 1;
  const down = fingerprint.height - small.height + 1;
  let [x, y, best] = [0, 0, -Infinity];
  await whole.inverseRows(down, signal, (row, values) => {
    for (let column = 0; column < across; column++)
      if (values[column]! > best) [x, y, best] = [column, row, values[column]!];
  });
  return { x, y, places: across * down };
}
