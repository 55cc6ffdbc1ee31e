/**
 * How well a map of P shows where a picture was forged: pixel AUC of the map's cells against the true mask.
 *
 * Values are counted on 4096 levels between 0 and 1, so that any number of pictures takes the same little memory; two
 * values on one level count as a tie.
 */

/** Levels that values are counted on. */
export const mapLevels = 4096;

/**
 * A mask reduced to a map's cells: 1 where at least half of the cell's pixels are forged. A cell of the last column or
 * row may reach past the mask; the pixels that are there count.
 *
 * @param mask one byte a pixel, row-major, 1 = forged; `width` pixels a row
 * @param cell pixels along a side of a cell
 */
export function maskToCells(
  mask: Uint8Array,
  width: number,
  { cell, columns, rows }: { cell: number; columns: number; rows: number },
): Uint8Array {
  const height = mask.length / width;
  const out = new Uint8Array(columns * rows);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      let [forged, pixels] = [0, 0];
      for (let y = r * cell; y < Math.min(height, (r + 1) * cell); y++)
        for (let x = c * cell; x < Math.min(width, (c + 1) * cell); x++) {
          forged += mask[y * width + x]!;
          pixels++;
        }
      out[r * columns + c] = pixels > 0 && 2 * forged >= pixels ? 1 : 0;
    }
  return out;
}

/** Counts of map values inside and outside the true masks. */
export interface MapCounts {
  inside: Uint32Array;
  outside: Uint32Array;
}
export const newMapCounts = (): MapCounts => ({
  inside: new Uint32Array(mapLevels),
  outside: new Uint32Array(mapLevels),
});

/** Adds one picture's cells. `valueAt` gives P in [0, 1] of a cell. */
export function countMap(counts: MapCounts, cells: Uint8Array, valueAt: (cell: number) => number): void {
  for (let i = 0; i < cells.length; i++) {
    const level = Math.min(mapLevels - 1, Math.max(0, Math.floor(valueAt(i) * mapLevels)));
    (cells[i] === 1 ? counts.inside : counts.outside)[level]!++;
  }
}

/** The sum of counts, e.g. of the pictures of one bootstrap draw. */
export function addCounts(all: readonly MapCounts[]): MapCounts {
  const sum = newMapCounts();
  for (const counts of all)
    for (let level = 0; level < mapLevels; level++) {
      sum.inside[level]! += counts.inside[level]!;
      sum.outside[level]! += counts.outside[level]!;
    }
  return sum;
}

/** AUC of cells inside against cells outside; ties count one half. Null where either is empty. */
export function mapAuc({ inside, outside }: MapCounts): number | null {
  let [below, insideTotal, wins] = [0, 0, 0];
  for (let level = 0; level < mapLevels; level++) {
    wins += inside[level]! * (below + outside[level]! / 2);
    below += outside[level]!;
    insideTotal += inside[level]!;
  }
  return insideTotal > 0 && below > 0 ? wins / (insideTotal * below) : null;
}
