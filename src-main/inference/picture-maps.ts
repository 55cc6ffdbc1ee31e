/** The stitched maps of a picture, filled tile by tile from what the detector says of a batch. */
import { LOCAL_CELL, MAP_CELL, type TileOutputs } from './detector-session.ts';
import { StitchedMap, type Window } from './stitched-map.ts';
import type { TileGrid, TilePlace } from './tiling.ts';

export class PictureMaps {
  /** P */
  readonly simulation: StitchedMap;
  /** P_i */
  readonly kernels: StitchedMap[];
  /** What the low-rank denoising left over. */
  readonly localSpectrum: StitchedMap;
  /** The whole local spectrum of each block; null until a tile comes that has it. */
  blockSpectrum: StitchedMap | null = null;
  /** The logits of tiles. */
  readonly tileScores: StitchedMap;
  readonly #make: (cell: number, unit: boolean) => StitchedMap;
  readonly #mapCells: number;
  readonly #sameLogit: Float32Array;

  constructor(grid: TileGrid, kernels: number, window: Window) {
    const map = (cell: number, unit: boolean) => new StitchedMap(grid, { cell, unit, window });
    this.#make = map;
    this.simulation = map(MAP_CELL, true);
    this.kernels = Array.from({ length: kernels }, () => map(MAP_CELL, true));
    this.localSpectrum = map(LOCAL_CELL, false);
    this.tileScores = map(LOCAL_CELL, false);
    this.#mapCells = (grid.tileSize / MAP_CELL) ** 2;
    this.#sameLogit = new Float32Array((grid.tileSize / LOCAL_CELL) ** 2);
  }

  /** Source cells in a cell of the maps of P, along each axis. */
  get reduction(): number {
    return this.simulation.reduction;
  }

  /** Adds tile `i` of a batch, which lies at `place`. */
  add({ x, y }: TilePlace, out: TileOutputs, i: number): void {
    const count = this.kernels.length;
    this.simulation.add(x, y, out.map, i * this.#mapCells);
    this.kernels.forEach((map, k) => map.add(x, y, out.maps, i * this.#mapCells * count + k, count));
    this.localSpectrum.add(x, y, out.localSpectrum, i * this.#sameLogit.length);
    if (out.blockSpectrum.length > 0)
      (this.blockSpectrum ??= this.#make(LOCAL_CELL, false)).add(
        x,
        y,
        out.blockSpectrum,
        i * this.#sameLogit.length,
      );
    this.tileScores.add(x, y, this.#sameLogit.fill(out.logit[i]!), 0);
  }
}
