/**
 * Full colour from one colour a site. `bilinear` takes the mean of the nearest sites of each colour; `malvar` corrects it
 * by the Laplacian of the site's own colour (Malvar, He, Cutler, ICASSP 2004, gains 1/2, 5/8 and 3/4).
 */

/** Where neighbours of each kind lie, as [dx, dy]. */
const cross = [
  [-1, 0],
  [1, 0],
  [0, -1],
  [0, 1],
] as const;
const diagonal = [
  [-1, -1],
  [1, -1],
  [-1, 1],
  [1, 1],
] as const;
const across = [
  [-1, 0],
  [1, 0],
] as const;
const along = [
  [0, -1],
  [0, 1],
] as const;

/**
 * @param raw one value a site, row-major
 * @param colourAt 0 red, 1 green, 2 blue, in the 2x2 pattern of Bayer
 * @returns linear RGB, three values a pixel
 */
export function demosaic(
  raw: Float32Array,
  width: number,
  height: number,
  colourAt: (x: number, y: number) => number,
  method: 'bilinear' | 'malvar',
): Float32Array {
  const out = new Float32Array(raw.length * 3);
  // Mirrored about the border site, which keeps the colour of the pattern.
  const at = (x: number, y: number): number => {
    const mx = x < 0 ? -x : x >= width ? 2 * width - 2 - x : x;
    const my = y < 0 ? -y : y >= height ? 2 * height - 2 - y : y;
    return raw[my * width + mx]!;
  };
  const mean = (x: number, y: number, offsets: readonly (readonly [number, number])[]): number => {
    let sum = 0;
    for (const [dx, dy] of offsets) sum += at(x + dx, y + dy);
    return sum / offsets.length;
  };
  const corrected = method === 'malvar';
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const own = colourAt(x, y);
      const here = raw[y * width + x]!;
      const i = (y * width + x) * 3;
      const far = corrected ? here - (at(x - 2, y) + at(x + 2, y) + at(x, y - 2) + at(x, y + 2)) / 4 : 0;
      out[i + own] = here;
      if (own === 1) {
        // A green site: one of red and blue stands in its row, the other in its column.
        const inRow = colourAt(x + 1, y);
        const diagonals = mean(x, y, diagonal);
        const rowCurve =
          here - (diagonals * 4 + at(x - 2, y) + at(x + 2, y) - at(x, y - 2) / 2 - at(x, y + 2) / 2) / 5;
        const columnCurve =
          here - (diagonals * 4 + at(x, y - 2) + at(x, y + 2) - at(x - 2, y) / 2 - at(x + 2, y) / 2) / 5;
        out[i + inRow] = mean(x, y, across) + (corrected ? (5 / 8) * rowCurve : 0);
        out[i + 2 - inRow] = mean(x, y, along) + (corrected ? (5 / 8) * columnCurve : 0);
      } else {
        out[i + 1] = mean(x, y, cross) + far / 2;
        out[i + 2 - own] = mean(x, y, diagonal) + (3 / 4) * far;
      }
    }
  return out;
}
