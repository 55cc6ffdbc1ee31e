/**
 * Judges one picture with an opened detector: streams its tiles in batches, stitches their maps into maps of the whole
 * picture and turns their logits into a score and a verdict. Beside the picture itself it holds one batch of tiles and
 * the maps at their coarse resolution, so that a picture of 200 megapixels needs about 130 MB for four kernels.
 */
import { setImmediate } from 'node:timers/promises';
import { AppError } from '#contract/errors.ts';
import type { RgbImage } from '#engine/ports.ts';
import { aggregateScore } from './aggregate-score.ts';
import { LOCAL_CELL, MAP_CELL, type Detector } from './detector-session.ts';
import { StitchedMap, type MapPixels } from './stitched-map.ts';
import { copyTile, tileGrid, unseenNote } from './tiling.ts';
import { decideVerdict, type Decision } from './verdict.ts';

export interface Judgement extends Decision {
  /** Aggregated logit, natural log odds of the network. */
  score: number;
  tiles: number;
  /** The logit of each tile, row by row. */
  tileLogits: Float32Array;
  /** The part of the picture that the maps cover, from the upper left corner, in pixels. */
  seen: { width: number; height: number };
  /** What was not seen or was reduced, in sentences. */
  notes: string[];
  maps: {
    /** P, [0, 1]: a cell for 4 x 4 pixels. */
    simulation: MapPixels;
    /** P_i, [0, 1]: a cell for 4 x 4 pixels. */
    kernels: MapPixels[];
    /** Root mean square of A - L: a cell for an 8 x 8 block. */
    localSpectrum: MapPixels;
    /** ln(1 + |DCT|) averaged over the tiles: tileSize x tileSize coefficients. */
    globalSpectrum: MapPixels;
    /** The logit of the tile, or the mean of the tiles, that cover it: a cell for an 8 x 8 block. */
    tileScores: MapPixels;
  };
}

export interface JudgeOptions {
  /** Tiles in one run of the session. */
  batch?: number;
  signal?: AbortSignal;
  /** Called after every batch with the tiles judged and their total. */
  progress?: (done: number, total: number) => void;
}

/**
 * @throws AppError `image_too_small` where no tile fits, `model_invalid` where the model answers with no number,
 *   `cancelled` where `signal` is aborted, at the latest after the batch under way
 */
export async function judgePhotograph(
  detector: Detector,
  image: RgbImage,
  options: JudgeOptions = {},
): Promise<Judgement> {
  const { batch = 32, signal, progress } = options;
  const { tileSize, kernels, validation } = detector.passport;
  const grid = tileGrid(image.width, image.height, detector.passport);
  const columns = grid.xs.length;
  const tiles = columns * grid.ys.length;

  const simulation = new StitchedMap(grid, { cell: MAP_CELL, unit: true });
  const kernelMaps = Array.from(
    { length: kernels },
    () => new StitchedMap(grid, { cell: MAP_CELL, unit: true }),
  );
  const localSpectrum = new StitchedMap(grid, { cell: LOCAL_CELL, unit: false });
  const tileScores = new StitchedMap(grid, { cell: LOCAL_CELL, unit: false });
  const spectrumSum = new Float64Array(tileSize * tileSize);
  const logits = new Float32Array(tiles);

  const tileBytes = tileSize * tileSize * 3;
  const mapCells = (tileSize / MAP_CELL) ** 2;
  const localCells = (tileSize / LOCAL_CELL) ** 2;
  const pixels = new Uint8Array(Math.min(batch, tiles) * tileBytes);
  const sameLogit = new Float32Array(localCells);

  for (let first = 0; first < tiles; first += batch) {
    if (signal?.aborted) throw new AppError('cancelled', 'The detection was stopped.');
    const count = Math.min(batch, tiles - first);
    const place = (i: number): { x: number; y: number } => ({
      x: grid.xs[(first + i) % columns]!,
      y: grid.ys[Math.floor((first + i) / columns)]!,
    });
    for (let i = 0; i < count; i++) copyTile(image, { ...place(i), tileSize }, pixels, i * tileBytes);
    const out = await detector.run(pixels.subarray(0, count * tileBytes), count);
    logits.set(out.logit, first);
    for (let i = 0; i < count; i++) {
      const { x, y } = place(i);
      simulation.add(x, y, out.map, i * mapCells);
      kernelMaps.forEach((map, k) => map.add(x, y, out.maps, i * mapCells * kernels + k, kernels));
      localSpectrum.add(x, y, out.localSpectrum, i * localCells);
      tileScores.add(x, y, sameLogit.fill(out.logit[i]!), 0);
      const from = i * spectrumSum.length;
      for (let j = 0; j < spectrumSum.length; j++) spectrumSum[j]! += out.globalSpectrum[from + j]!;
    }
    progress?.(first + count, tiles);
    // ONNX Runtime's promise may settle without a turn of the event loop: let others have one between batches.
    await setImmediate();
  }

  const score = aggregateScore(logits);
  const unseen = unseenNote(grid, image.width, image.height);
  return {
    ...decideVerdict({ score, tiles, validation }),
    score,
    tiles,
    tileLogits: logits,
    seen: grid.seen,
    notes: [
      ...(unseen === null ? [] : [unseen]),
      ...(simulation.reduction === 1
        ? []
        : [
            `The maps were averaged over ${simulation.reduction} x ${simulation.reduction} cells, as the picture is very large.`,
          ]),
    ],
    maps: {
      simulation,
      kernels: kernelMaps,
      localSpectrum,
      globalSpectrum: {
        width: tileSize,
        height: tileSize,
        data: Float32Array.from(spectrumSum, (sum) => sum / tiles),
      },
      tileScores,
    },
  };
}
