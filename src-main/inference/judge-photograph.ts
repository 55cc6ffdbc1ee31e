/**
 * Judges one picture with an opened detector: streams its tiles in batches, stitches their maps into maps of the whole
 * picture and turns their logits into a score; what it means, features/calibration says. Beside the picture itself it
 * holds one batch of tiles and the maps at their coarse resolution, so that a picture of 200 megapixels needs about 130 MB
 * for four kernels, and as much again for blended maps.
 */
import { setImmediate } from 'node:timers/promises';
import { AppError } from '#contract/errors.ts';
import type { RgbImage } from '#engine/ports.ts';
import { aggregateScore } from './aggregate-score.ts';
import type { Detector, TileOutputs } from './detector-session.ts';
import { pictureFeatures } from './picture-features.ts';
import { PictureMaps } from './picture-maps.ts';
import type { MapPixels } from './stitched-map.ts';
import {
  copyTile,
  overlappingGrid,
  placesBetween,
  placesOf,
  tileGrid,
  unseenNote,
  type TilePlace,
} from './tiling.ts';

export interface Judgement {
  /** Aggregated logit, natural log odds of the network. */
  score: number;
  /** What `pictureFeatures` says of it. */
  features: number[];
  tiles: number;
  /** The logit of each tile, row by row. */
  tileLogits: Float32Array;
  /** Row by row, the logits of each tile without each branch of the passport. */
  ablated: Float32Array;
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
    /** Root mean square of A: a cell for an 8 x 8 block. Null where the detector's file does not give it. */
    blockSpectrum: MapPixels | null;
    /** ln(1 + |DCT|) averaged over the tiles: tileSize x tileSize coefficients. */
    globalSpectrum: MapPixels;
    /** The logit of the tile, or the weighted mean of the tiles, that cover it: a cell for an 8 x 8 block. */
    tileScores: MapPixels;
  };
}

export interface JudgeOptions {
  /** Tiles in one run of the session. */
  batch?: number;
  /**
   * Also runs the tiles half way between those that the score is of, and blends the maps of all. Four times the work; the
   * score is the same.
   */
  overlap?: boolean;
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
  const { batch = 32, overlap = false, signal, progress } = options;
  const { tileSize, alignment, kernels, scoreAggregation, branches } = detector.passport;
  const grid = tileGrid(image.width, image.height, detector.passport);
  const places = placesOf(grid);
  const tiles = places.length;
  const between = overlap ? placesBetween(grid, overlappingGrid(grid, alignment)) : [];
  const total = tiles + between.length;

  const plain = new PictureMaps(grid, kernels, 'flat');
  const blended = overlap ? new PictureMaps(overlappingGrid(grid, alignment), kernels, 'hann') : null;
  const spectrumSum = new Float64Array(tileSize * tileSize);
  const logits = new Float32Array(tiles);
  const ablated = new Float32Array(tiles * branches.length);

  const tileBytes = tileSize * tileSize * 3;
  const pixels = new Uint8Array(Math.min(batch, Math.max(tiles, between.length)) * tileBytes);
  /** Runs the tiles at `of` in batches of their own, so that what is said of the score's tiles depends on nothing else. */
  async function run(
    of: readonly TilePlace[],
    before: number,
    take: (out: TileOutputs, i: number, place: TilePlace, index: number) => void,
  ): Promise<void> {
    for (let first = 0; first < of.length; first += batch) {
      if (signal?.aborted) throw new AppError('cancelled', 'The detection was stopped.');
      const part = of.slice(first, first + batch);
      part.forEach((place, i) => copyTile(image, { ...place, tileSize }, pixels, i * tileBytes));
      const out = await detector.run(pixels.subarray(0, part.length * tileBytes), part.length);
      part.forEach((place, i) => take(out, i, place, first + i));
      progress?.(before + first + part.length, total);
      // ONNX Runtime's promise may settle without a turn of the event loop: let others have one between batches.
      await setImmediate();
    }
  }
  await run(places, 0, (out, i, place, index) => {
    logits[index] = out.logit[i]!;
    ablated.set(
      out.ablated.subarray(i * branches.length, (i + 1) * branches.length),
      index * branches.length,
    );
    plain.add(place, out, i);
    blended?.add(place, out, i);
    const from = i * spectrumSum.length;
    for (let j = 0; j < spectrumSum.length; j++) spectrumSum[j]! += out.globalSpectrum[from + j]!;
  });
  await run(between, tiles, (out, i, place) => blended!.add(place, out, i));

  const shown = blended ?? plain;
  const globalSpectrum = {
    width: tileSize,
    height: tileSize,
    data: Float32Array.from(spectrumSum, (sum) => sum / tiles),
  };
  const unseen = unseenNote(grid, image.width, image.height);
  return {
    score: aggregateScore(logits, scoreAggregation),
    features: pictureFeatures(plain, globalSpectrum),
    tiles,
    tileLogits: logits,
    ablated,
    seen: grid.seen,
    notes: [
      ...(unseen === null ? [] : [unseen]),
      ...(shown.reduction === 1
        ? []
        : [
            `The maps were averaged over ${shown.reduction} x ${shown.reduction} cells, as the picture is very large.`,
          ]),
    ],
    maps: {
      simulation: shown.simulation,
      kernels: shown.kernels,
      localSpectrum: shown.localSpectrum,
      blockSpectrum: shown.blockSpectrum,
      globalSpectrum,
      tileScores: shown.tileScores,
    },
  };
}
