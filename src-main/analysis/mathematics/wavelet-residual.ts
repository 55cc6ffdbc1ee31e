/**
 * What a denoising filter takes away: the noise of a picture, with little of what it shows. Wiener filtering of wavelet
 * coefficients with locally estimated variance: M. Mihçak, I. Kozintsev, K. Ramchandran, "Spatially adaptive statistical modeling of
 * wavelet image coefficients and its application to denoising", ICASSP 1999, as J. Lukáš, J. Fridrich, M. Goljan, IEEE TIFS 1(2),
 * 2006, use it for the pattern noise of cameras.
 */
import { breathe } from './breathe.ts';
import { mirrored, newPlane, type Plane } from './plane.ts';
import { decompose, recompose } from './wavelet.ts';
import { keepNoise } from './wiener.ts';

const levels = 4;

/**
 * @param deviation of the noise that is looked for, in grey levels
 * @returns the residual, as large as the plane
 */
export async function waveletResidual(plane: Plane, deviation: number, signal: AbortSignal): Promise<Plane> {
  const { width, height } = plane;
  const padded = padToMultiple(plane, 2 ** levels);
  const noise = await levelResidual(padded, deviation, levels, signal);
  if (noise.width === width && noise.height === height) return noise;
  const out = newPlane(width, height);
  for (let y = 0; y < height; y++)
    out.data.set(noise.data.subarray(y * noise.width, y * noise.width + width), y * width);
  return out;
}

async function levelResidual(
  plane: Plane,
  deviation: number,
  level: number,
  signal: AbortSignal,
): Promise<Plane> {
  await breathe(signal);
  const bands = decompose(plane);
  for (const band of [bands.horizontal, bands.vertical, bands.diagonal]) {
    await breathe(signal);
    keepNoise(band, deviation ** 2);
  }
  // What is left of the smooth part is residual of coarser levels; at the coarsest it is all picture.
  const smooth =
    level > 1 && Math.min(bands.smooth.width, bands.smooth.height) >= 16
      ? await levelResidual(bands.smooth, deviation, level - 1, signal)
      : newPlane(bands.smooth.width, bands.smooth.height);
  return recompose({ ...bands, smooth });
}

function padToMultiple(plane: Plane, multiple: number): Plane {
  const width = Math.ceil(plane.width / multiple) * multiple;
  const height = Math.ceil(plane.height / multiple) * multiple;
  if (width === plane.width && height === plane.height) return plane;
  const out = newPlane(width, height);
  for (let y = 0; y < height; y++) {
    const from = mirrored(y, plane.height) * plane.width;
    for (let x = 0; x < width; x++)
      out.data[y * width + x] = plane.data[from + (x < plane.width ? x : mirrored(x, plane.width))]!;
  }
  return out;
}
