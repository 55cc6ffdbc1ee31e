/**
 * A few numbers that describe a judged picture to the density check: its frequencies, and how much and how evenly the
 * detector's maps respond. The exported model does not give the network's inner features, so these are of what it does give.
 * They hold nothing of the score itself.
 */
import type { MapPixels } from './stitched-map.ts';

/** Bands of the global spectrum, from low to high frequency. */
const BANDS = 8;

/** Maps without overlap, as a run in bulk also has them. */
interface FeatureMaps {
  simulation: MapPixels;
  kernels: readonly MapPixels[];
  localSpectrum: MapPixels;
}

function moments({ data }: MapPixels): { mean: number; deviation: number } {
  const scale = data instanceof Uint16Array ? 1 / 65535 : 1;
  let [sum, square] = [0, 0];
  for (const value of data) {
    sum += value * scale;
    square += (value * scale) ** 2;
  }
  const mean = sum / data.length;
  return { mean, deviation: Math.sqrt(Math.max(0, square / data.length - mean * mean)) };
}

/** Mean of the spectrum in rings of equal width about the zero frequency in the upper left corner, which is left out. */
function spectralBands({ width, height, data }: MapPixels): number[] {
  const sums = new Float64Array(BANDS);
  const counts = new Float64Array(BANDS);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (x + y === 0) continue;
      const radius = Math.hypot(x / width, y / height) / Math.SQRT2;
      const band = Math.min(BANDS - 1, Math.floor(radius * BANDS));
      sums[band]! += data[y * width + x]!;
      counts[band]!++;
    }
  return Array.from(sums, (sum, band) => sum / Math.max(1, counts[band]!));
}

/** 8 spectral bands, ln of the mean local energy and of its deviation, mean and deviation of P, and the mean of each P_i. */
export function pictureFeatures(
  { simulation, kernels, localSpectrum }: FeatureMaps,
  globalSpectrum: MapPixels,
): number[] {
  const local = moments(localSpectrum);
  const map = moments(simulation);
  return [
    ...spectralBands(globalSpectrum),
    Math.log(local.mean + 1e-3),
    Math.log(local.deviation + 1e-3),
    map.mean,
    map.deviation,
    ...kernels.map((kernel) => moments(kernel).mean),
  ];
}
