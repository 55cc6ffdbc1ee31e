/**
 * How well each pixel is predicted from its neighbours. M. Kirchner, "Fast and reliable resampling detection by spectral analysis
 * of fixed linear predictor residue", ACM MM&Sec 2008, whose fixed predictor stands in for the expectation maximisation of
 * A. Popescu, H. Farid, "Exposing digital forgeries by detecting traces of resampling", IEEE TSP 53(2), 2005.
 */
import { inStrips } from '../mathematics/breathe.ts';
import { newPlane, type Plane } from '../mathematics/plane.ts';
import { quantile } from '../mathematics/quantile.ts';

/** Fewest grey levels that the residue is scaled by: flat pictures have no more to say than their rounding. */
const leastScale = 0.5;

/**
 * p = exp(-(e / s)^2) of the residue e = x - (N + S + E + W) / 2 + (NE + NW + SE + SW) / 4, with s the median of |e|: 1 where a pixel
 * is as predicted, near 0 where it is far from it. The border of one pixel is 0.
 */
export async function predictionMap(plane: Plane, signal: AbortSignal): Promise<Plane> {
  const { width, height, data } = plane;
  const map = newPlane(width, height);
  const residue = map.data;
  await inStrips(height - 2, 256, signal, (from, to) => {
    for (let y = from + 1; y <= to; y++)
      for (let at = y * width + 1, end = (y + 1) * width - 1; at < end; at++) {
        const up = at - width;
        const down = at + width;
        residue[at] =
          data[at]! -
          0.5 * (data[up]! + data[down]! + data[at - 1]! + data[at + 1]!) +
          0.25 * (data[up - 1]! + data[up + 1]! + data[down - 1]! + data[down + 1]!);
      }
  });
  const scale = Math.max(leastScale, typicalSize(residue, width, height));
  const factor = -1 / (scale * scale);
  await inStrips(height - 2, 256, signal, (from, to) => {
    for (let y = from + 1; y <= to; y++)
      for (let at = y * width + 1, end = (y + 1) * width - 1; at < end; at++)
        residue[at] = Math.exp(factor * residue[at]! * residue[at]!);
  });
  return map;
}

/** Median of |e| over about 40,000 pixels on a grid. */
function typicalSize(residue: Float32Array, width: number, height: number): number {
  const step = Math.max(1, Math.floor(Math.sqrt((width * height) / 40_000)));
  const sizes: number[] = [];
  for (let y = 1; y < height - 1; y += step)
    for (let x = 1; x < width - 1; x += step) sizes.push(Math.abs(residue[y * width + x]!));
  return quantile(sizes, 0.5);
}
