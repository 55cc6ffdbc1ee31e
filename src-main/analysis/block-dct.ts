/** The 8x8 DCT of JPEG (ITU-T T.81, A.3.3; orthonormal) over the blocks of a plane, on any of its 64 grids. */

/** Rows of the transform: `basis[u * 8 + x]`. */
const basis = Float64Array.from({ length: 64 }, (_, i) => {
  const [u, x] = [i >> 3, i & 7];
  return (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16);
});

const rows = new Float64Array(64);

/**
 * Transforms one block.
 * @param plane row by row, `stride` values a row; the block begins at `at`
 * @param into 64 coefficients in row order (vertical frequency * 8 + horizontal frequency)
 */
export function transformBlock(plane: Float32Array, at: number, stride: number, into: Float64Array): void {
  for (let y = 0; y < 8; y++) transformEight(plane, at + y * stride, 1, rows, y * 8, 1);
  for (let u = 0; u < 8; u++) transformEight(rows, u, 8, into, u, 8);
}

/** Even and odd parts apart, which halves the products. */
function transformEight(
  from: Float32Array | Float64Array,
  at: number,
  step: number,
  into: Float64Array,
  to: number,
  stepTo: number,
): void {
  const a = from[at]!;
  const b = from[at + step]!;
  const c = from[at + 2 * step]!;
  const d = from[at + 3 * step]!;
  const e = from[at + 4 * step]!;
  const f = from[at + 5 * step]!;
  const g = from[at + 6 * step]!;
  const h = from[at + 7 * step]!;
  const [s0, s1, s2, s3] = [a + h, b + g, c + f, d + e];
  const [d0, d1, d2, d3] = [a - h, b - g, c - f, d - e];
  into[to] = basis[0]! * (s0 + s1 + s2 + s3);
  into[to + 2 * stepTo] = basis[16]! * (s0 - s3) + basis[17]! * (s1 - s2);
  into[to + 4 * stepTo] = basis[32]! * (s0 + s3 - s1 - s2);
  into[to + 6 * stepTo] = basis[48]! * (s0 - s3) + basis[49]! * (s1 - s2);
  into[to + stepTo] = basis[8]! * d0 + basis[9]! * d1 + basis[10]! * d2 + basis[11]! * d3;
  into[to + 3 * stepTo] = basis[24]! * d0 + basis[25]! * d1 + basis[26]! * d2 + basis[27]! * d3;
  into[to + 5 * stepTo] = basis[40]! * d0 + basis[41]! * d1 + basis[42]! * d2 + basis[43]! * d3;
  into[to + 7 * stepTo] = basis[56]! * d0 + basis[57]! * d1 + basis[58]! * d2 + basis[59]! * d3;
}

/** Calls `each` with the coefficients of every whole block of the grid that begins at (`x`, `y`); they are one buffer, used again. */
export function eachBlock(
  plane: Float32Array,
  size: { width: number; height: number },
  grid: { x: number; y: number },
  each: (coefficients: Float64Array, blockX: number, blockY: number) => void,
): void {
  const coefficients = new Float64Array(64);
  const across = Math.floor((size.width - grid.x) / 8);
  const down = Math.floor((size.height - grid.y) / 8);
  for (let blockY = 0; blockY < down; blockY++)
    for (let blockX = 0; blockX < across; blockX++) {
      const at = (grid.y + blockY * 8) * size.width + grid.x + blockX * 8;
      transformBlock(plane, at, size.width, coefficients);
      each(coefficients, blockX, blockY);
    }
}
