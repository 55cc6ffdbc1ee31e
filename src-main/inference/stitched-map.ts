/**
 * A map of a whole picture, put together from the maps of its tiles. Where tiles overlap, their values are averaged: all
 * alike (`flat`), or by a Hann window over each tile (`hann`), so that what a tile says near its border, where the network
 * saw nothing beyond, counts for little. Only the map at its own coarse resolution is held, never a value a pixel; a map
 * longer than `maximumSide` is box-reduced while it is filled.
 */
import type { TileGrid } from './tiling.ts';

/**
 * Values of a map, row-major. Float32Array holds the values themselves; in a Uint16Array, v stands for v / 65535,
 * a value in [0, 1].
 */
export interface MapPixels {
  width: number;
  height: number;
  data: Float32Array | Uint16Array;
}

/** Longest side of a stitched map, in cells. At four pixels a cell, pictures up to 16,384 pixels wide are not reduced. */
export const MAXIMUM_MAP_SIDE = 4096;

export type Window = 'flat' | 'hann';

/** Weights of the `cells` cells along a tile, before they are divided by their sum over the tiles of a cell. */
const windowWeights = (window: Window, cells: number): Float64Array =>
  Float64Array.from({ length: cells }, (_, i) =>
    window === 'flat' ? 1 : Math.sin((Math.PI * (i + 0.5)) / cells) ** 2,
  );

/** Along one axis: into which cell each source cell goes, and with what weight. */
interface Axis {
  length: number;
  target: Uint32Array;
  weight: Float64Array;
}

/**
 * A source cell counts 1 / (sum of the windows that cover it) / (source cells in its box), times the window of the tile that
 * it comes from. The sum over tiles is a product of the two axes, so none has to be kept for each cell.
 */
function axisOf(origins: number[], window: Float64Array, cell: number, reduction: number): Axis {
  const cells = origins.at(-1)! / cell + window.length;
  const coverage = new Float64Array(cells);
  for (const origin of origins) window.forEach((weight, i) => (coverage[origin / cell + i]! += weight));
  const target = new Uint32Array(cells);
  const weight = new Float64Array(cells);
  for (let i = 0; i < cells; i++) {
    const box = Math.floor(i / reduction);
    target[i] = box;
    weight[i] = 1 / coverage[i]! / Math.min(reduction, cells - box * reduction);
  }
  return { length: Math.ceil(cells / reduction), target, weight };
}

export class StitchedMap implements MapPixels {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array | Uint16Array;
  /** Source cells in a cell of this map, along each axis; 1 unless the map was too long. */
  readonly reduction: number;
  readonly #cell: number;
  readonly #window: Float64Array;
  readonly #columns: Axis;
  readonly #rows: Axis;

  /**
   * `cell`: pixels along a side of one source cell (4 for P, 8 for the local spectrum); the tile origins must be
   * multiples of it. `unit`: values lie in [0, 1] and are kept in 16 bits, half the memory of floats. `window`: `flat`
   * where none is named.
   */
  constructor(
    grid: TileGrid,
    options: { cell: number; unit: boolean; maximumSide?: number; window?: Window },
  ) {
    const { cell, unit, maximumSide = MAXIMUM_MAP_SIDE, window = 'flat' } = options;
    const longest = Math.max(grid.seen.width, grid.seen.height) / cell;
    this.reduction = Math.max(1, Math.ceil(longest / maximumSide));
    this.#cell = cell;
    this.#window = windowWeights(window, grid.tileSize / cell);
    this.#columns = axisOf(grid.xs, this.#window, cell, this.reduction);
    this.#rows = axisOf(grid.ys, this.#window, cell, this.reduction);
    this.width = this.#columns.length;
    this.height = this.#rows.length;
    this.data = unit ? new Uint16Array(this.width * this.height) : new Float32Array(this.width * this.height);
  }

  /**
   * Adds the map of the tile at pixel (`x`, `y`). Its cells stand in `values`, row-major, from `offset` on and `stride`
   * elements apart (the number of maps, where they are interleaved).
   */
  add(x: number, y: number, values: Float32Array, offset: number, stride = 1): void {
    const left = x / this.#cell;
    const top = y / this.#cell;
    const cells = this.#window.length;
    const unit = this.data instanceof Uint16Array;
    let at = offset;
    for (let row = 0; row < cells; row++) {
      const line = this.#rows.target[top + row]! * this.width;
      const rowWeight = this.#rows.weight[top + row]! * this.#window[row]!;
      for (let column = 0; column < cells; column++, at += stride) {
        const target = line + this.#columns.target[left + column]!;
        const weight = rowWeight * this.#columns.weight[left + column]! * this.#window[column]!;
        const share = values[at]! * weight;
        if (unit) {
          const sum = this.data[target]! + Math.round(share * 65535);
          this.data[target] = sum < 0 ? 0 : sum > 65535 ? 65535 : sum;
        } else this.data[target]! += share;
      }
    }
  }
}
