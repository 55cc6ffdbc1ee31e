/**
 * Where the tiles of a picture lie. Tiles start at multiples of the alignment (8 pixels, the JPEG block grid that the
 * detector was trained on); those of the last row and column are shifted back so that they end at the last aligned
 * pixel. A remainder narrower than the alignment at the right and lower edge belongs to no tile: it is stated as unseen,
 * never padded with invented pixels.
 */
import { AppError } from '#contract/errors.ts';
import type { RgbImage } from '#engine/ports.ts';

export interface TileGrid {
  tileSize: number;
  /** Left edges of the tile columns, ascending, in pixels. */
  xs: number[];
  /** Upper edges of the tile rows, ascending, in pixels. */
  ys: number[];
  /** The part that tiles cover, from the upper left corner, in pixels. */
  seen: { width: number; height: number };
}

/** First tile, then a tile every `step` pixels, then the one at `last`. */
function origins(last: number, step: number): number[] {
  const result: number[] = [];
  for (let origin = 0; origin < last; origin += step) result.push(origin);
  result.push(last);
  return result;
}

/**
 * The tiles of a picture of `width` x `height` pixels. `tileSize` must be a multiple of `alignment`.
 * @throws AppError `image_too_small` where not even one tile fits.
 */
export function tileGrid(
  width: number,
  height: number,
  { tileSize, alignment }: { tileSize: number; alignment: number },
): TileGrid {
  if (tileSize % alignment !== 0)
    throw new RangeError(`tileGrid: tile size ${tileSize} is not a multiple of the alignment ${alignment}`);
  if (width < tileSize || height < tileSize)
    throw new AppError(
      'image_too_small',
      `The picture has ${width} x ${height} pixels; this model needs at least ${tileSize} x ${tileSize}.`,
      { hint: `Use a picture of at least ${tileSize} by ${tileSize} pixels.` },
    );
  const last = (length: number): number => Math.floor((length - tileSize) / alignment) * alignment;
  const xs = origins(last(width), tileSize);
  const ys = origins(last(height), tileSize);
  return {
    tileSize,
    xs,
    ys,
    seen: { width: xs.at(-1)! + tileSize, height: ys.at(-1)! + tileSize },
  };
}

/**
 * The same grid with a tile also every half tile along both axes, four times as many: away from the picture's edges, every
 * pixel lies in the inner half of some tile. Where half a tile is a multiple of the alignment, as of every exported
 * detector, the tiles of `grid` are among them.
 */
export function overlappingGrid(grid: TileGrid, alignment: number): TileGrid {
  const step = Math.ceil(grid.tileSize / 2 / alignment) * alignment;
  return { ...grid, xs: origins(grid.xs.at(-1)!, step), ys: origins(grid.ys.at(-1)!, step) };
}

export interface TilePlace {
  x: number;
  y: number;
}

/** The places of a grid's tiles, row by row. */
export const placesOf = ({ xs, ys }: TileGrid): TilePlace[] => ys.flatMap((y) => xs.map((x) => ({ x, y })));

/** The sentence that says which pixels no tile covers, or null where all are covered. */
export function unseenNote(grid: TileGrid, width: number, height: number): string | null {
  const columns = width - grid.seen.width;
  const rows = height - grid.seen.height;
  const parts = [
    ...(columns > 0 ? [columns === 1 ? 'the last column' : `the last ${columns} columns`] : []),
    ...(rows > 0 ? [rows === 1 ? 'the last row' : `the last ${rows} rows`] : []),
  ];
  if (parts.length === 0) return null;
  return `Not seen by the detector: ${parts.join(' and ')} of pixels, beyond the last whole block.`;
}

/** Copies the tile at (`x`, `y`) into `target` from element `offset` on, [tileSize, tileSize, 3] row-major RGB. */
export function copyTile(
  image: RgbImage,
  { x, y, tileSize }: { x: number; y: number; tileSize: number },
  target: Uint8Array,
  offset: number,
): void {
  const line = tileSize * 3;
  for (let row = 0; row < tileSize; row++) {
    const from = ((y + row) * image.width + x) * 3;
    target.set(image.data.subarray(from, from + line), offset + row * line);
  }
}

/** The places of `fine` at which `coarse` has no tile, row by row. */
export function placesBetween(coarse: TileGrid, fine: TileGrid): TilePlace[] {
  const [xs, ys] = [new Set(coarse.xs), new Set(coarse.ys)];
  return placesOf(fine).filter(({ x, y }) => !(xs.has(x) && ys.has(y)));
}
