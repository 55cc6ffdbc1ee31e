/** Means over square windows, by a table of sums (F. Crow, SIGGRAPH 1984). Windows are cut at the borders. */
import { newPlane, type Plane } from './plane.ts';

export class SumTable {
  readonly #width: number;
  readonly #height: number;
  readonly #sums: Float64Array;

  /** @param valueOf of each value of the plane, what is summed */
  constructor({ width, height, data }: Plane, valueOf: (value: number) => number) {
    this.#width = width;
    this.#height = height;
    const sums = new Float64Array((width + 1) * (height + 1));
    for (let y = 0; y < height; y++) {
      let row = 0;
      const above = y * (width + 1);
      const here = above + width + 1;
      for (let x = 0, at = y * width; x < width; x++, at++) {
        row += valueOf(data[at]!);
        sums[here + x + 1] = sums[above + x + 1]! + row;
      }
    }
    this.#sums = sums;
  }

  /** The mean over the window of 2 `reach` + 1 around each pixel of row `y`, into `out`. */
  meanRow(y: number, reach: number, out: Float32Array): void {
    const [width, height, sums] = [this.#width, this.#height, this.#sums];
    const top = Math.max(0, y - reach);
    const bottom = Math.min(height, y + reach + 1);
    const above = top * (width + 1);
    const below = bottom * (width + 1);
    const rows = bottom - top;
    for (let x = 0; x < width; x++) {
      const left = x > reach ? x - reach : 0;
      const right = x + reach + 1 < width ? x + reach + 1 : width;
      out[x] =
        (sums[below + right]! - sums[below + left]! - sums[above + right]! + sums[above + left]!) /
        (rows * (right - left));
    }
  }
}

/** The plane without its means over 2 `reach` + 1 pixels: its detail. */
export function withoutMeans(plane: Plane, reach: number): Plane {
  const table = new SumTable(plane, (value) => value);
  const detail = newPlane(plane.width, plane.height);
  const row = new Float32Array(plane.width);
  for (let y = 0; y < plane.height; y++) {
    table.meanRow(y, reach, row);
    for (let x = 0, at = y * plane.width; x < plane.width; x++, at++)
      detail.data[at] = plane.data[at]! - row[x]!;
  }
  return detail;
}
