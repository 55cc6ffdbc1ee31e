/** Wiener filtering with locally estimated variance (M. Mihçak, I. Kozintsev, K. Ramchandran, ICASSP 1999). */
import { SumTable } from './box-mean.ts';
import type { Plane } from './plane.ts';

/** Half sides of the windows in which variance is estimated: 3, 5, 7 and 9 pixels. */
const reaches = [1, 2, 3, 4] as const;

/** Each coefficient c becomes c v / (s + v): v the variance of noise, s the least local variance beyond it over all windows. */
export function keepNoise(band: Plane, variance: number): void {
  const { width, height, data } = band;
  const table = new SumTable(band, (value) => value * value);
  const least = new Float32Array(width);
  const means = new Float32Array(width);
  for (let y = 0; y < height; y++) {
    least.fill(Infinity);
    for (const reach of reaches) {
      table.meanRow(y, reach, means);
      for (let x = 0; x < width; x++) if (means[x]! < least[x]!) least[x] = means[x]!;
    }
    for (let x = 0, at = y * width; x < width; x++, at++)
      data[at]! *= variance / (least[x]! > variance ? least[x]! : variance);
  }
}
