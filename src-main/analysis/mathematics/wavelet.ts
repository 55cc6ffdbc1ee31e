/**
 * One level of the orthonormal wavelet transform with Daubechies' filter of eight taps, periodic at the borders.
 * I. Daubechies, "Ten Lectures on Wavelets", SIAM 1992, table 6.1 (N = 4).
 */
import { newPlane, type Plane } from './plane.ts';

const low = [
  0.23037781330885523, 0.7148465705525415, 0.6308807679295904, -0.02798376941698385, -0.18703481171888114,
  0.030841381835986965, 0.032883011666982945, -0.010597401784997278,
];
const high = low.map((_, k) => (k % 2 === 0 ? 1 : -1) * low[7 - k]!);

/** Half as wide and high as the plane: `horizontal` holds detail along rows, `vertical` along columns. */
export interface Subbands {
  smooth: Plane;
  horizontal: Plane;
  vertical: Plane;
  diagonal: Plane;
}

/** out[i] = sum over k of taps[k] row[2 i + k] */
function filterRow(row: Float32Array, taps: readonly number[], out: Float32Array, at: number): void {
  const width = row.length;
  const [a, b, c, d, e, f, g, h] = taps as [number, number, number, number, number, number, number, number];
  let x = 0;
  for (; x + 7 < width; x += 2)
    out[at++] =
      a * row[x]! +
      b * row[x + 1]! +
      c * row[x + 2]! +
      d * row[x + 3]! +
      e * row[x + 4]! +
      f * row[x + 5]! +
      g * row[x + 6]! +
      h * row[x + 7]!;
  for (; x < width; x += 2) {
    let sum = 0;
    for (let k = 0; k < 8; k++) sum += taps[k]! * row[(x + k) % width]!;
    out[at++] = sum;
  }
}

/** Row i of `out` = sum over k of taps[k] rows[2 i + k] */
function filterColumns(rows: Plane, taps: readonly number[], out: Plane): void {
  const { width, height, data } = rows;
  for (let y = 0; y < height; y += 2) {
    const line = out.data.subarray((y / 2) * width, (y / 2 + 1) * width);
    for (let k = 0; k < 8; k += 2) {
      const one = taps[k]!;
      const two = taps[k + 1]!;
      const from = ((y + k) % height) * width;
      const next = ((y + k + 1) % height) * width;
      for (let x = 0; x < width; x++) line[x]! += one * data[from + x]! + two * data[next + x]!;
    }
  }
}

const filtered = (rows: Plane, taps: readonly number[]): Plane => {
  const out = newPlane(rows.width, rows.height / 2);
  filterColumns(rows, taps, out);
  return out;
};

function filteredRows({ width, height, data }: Plane, taps: readonly number[]): Plane {
  const out = newPlane(width / 2, height);
  for (let y = 0; y < height; y++)
    filterRow(data.subarray(y * width, (y + 1) * width), taps, out.data, (y * width) / 2);
  return out;
}

/** @throws RangeError where a side is odd or below 8 */
export function decompose(plane: Plane): Subbands {
  const { width, height } = plane;
  if (width % 2 || height % 2 || Math.min(width, height) < 8)
    throw new RangeError(`decompose: ${width} x ${height} is not even and at least 8 a side`);
  const smoothRows = filteredRows(plane, low);
  const smooth = filtered(smoothRows, low);
  const vertical = filtered(smoothRows, high);
  const detailRows = filteredRows(plane, high);
  return { smooth, horizontal: filtered(detailRows, low), vertical, diagonal: filtered(detailRows, high) };
}

/** The diagonal detail alone. The last odd row and column of the plane are left out. */
export function diagonalDetail(plane: Plane): Plane {
  const even = { ...plane, height: plane.height - (plane.height % 2) };
  const width = plane.width - (plane.width % 2);
  const rows = newPlane(width / 2, even.height);
  for (let y = 0; y < even.height; y++)
    filterRow(
      plane.data.subarray(y * plane.width, y * plane.width + width),
      high,
      rows.data,
      (y * width) / 2,
    );
  return filtered(rows, high);
}

/** Adds to `out` the rows whose column filter gave `half`. */
function spreadColumns(half: Plane, taps: readonly number[], out: Plane): void {
  const { width, data } = half;
  for (let y = 0; y < out.height; y += 2) {
    const line = data.subarray((y / 2) * width, (y / 2 + 1) * width);
    for (let k = 0; k < 8; k++) {
      const tap = taps[k]!;
      const to = ((y + k) % out.height) * width;
      for (let x = 0; x < width; x++) out.data[to + x]! += tap * line[x]!;
    }
  }
}

/** Inverse of `decompose`. */
export function recompose({ smooth, horizontal, vertical, diagonal }: Subbands): Plane {
  const height = 2 * smooth.height;
  const out = newPlane(2 * smooth.width, height);
  const spread = (first: Plane, second: Plane, taps: readonly number[]): void => {
    const rows = newPlane(smooth.width, height);
    spreadColumns(first, low, rows);
    spreadColumns(second, high, rows);
    for (let y = 0; y < height; y++)
      spreadRow(
        rows.data.subarray(y * rows.width, (y + 1) * rows.width),
        taps,
        out.data.subarray(y * out.width, (y + 1) * out.width),
      );
  };
  spread(smooth, vertical, low);
  spread(horizontal, diagonal, high);
  return out;
}

function spreadRow(half: Float32Array, taps: readonly number[], out: Float32Array): void {
  const width = out.length;
  const [a, b, c, d, e, f, g, h] = taps as [number, number, number, number, number, number, number, number];
  // out[x] and out[x + 1] gather the four coefficients that reach them.
  for (let i = 0, x = 0; x < width; i++, x += 2) {
    const far = half[(i + half.length - 3) % half.length]!;
    const near = half[(i + half.length - 2) % half.length]!;
    const left = half[(i + half.length - 1) % half.length]!;
    const own = half[i]!;
    out[x]! += a * own + c * left + e * near + g * far;
    out[x + 1]! += b * own + d * left + f * near + h * far;
  }
}
