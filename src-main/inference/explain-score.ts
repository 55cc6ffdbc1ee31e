/**
 * Which branches and which tiles a picture's score came from. Both are exact: the score computed again without a branch, or
 * without a tile. Within a tile, parts of it are hidden one after the other behind their own mean colour (Zeiler and Fergus,
 * ECCV 2014); the edges of a hidden part are seen by the network too, so that small changes mean nothing.
 */
import type { ScoreParts } from '#contract/explanation.ts';
import type { RgbImage } from '#engine/ports.ts';
import { aggregateScore } from './aggregate-score.ts';
import type { Detector } from './detector-session.ts';
import type { Judgement } from './judge-photograph.ts';
import { copyTile, placesOf, tileGrid } from './tiling.ts';

/** Tiles that are told of. */
const MOST_TILES = 6;
/** Parts along a side of a tile. */
export const PATCHES = 4;

/** @throws AppError of `Detector.run` */
export async function explainScore(
  detector: Detector,
  image: RgbImage,
  { tileLogits, ablated }: Pick<Judgement, 'tileLogits' | 'ablated'>,
): Promise<ScoreParts> {
  const { passport } = detector;
  const { scoreAggregation, branches, tileSize } = passport;
  const places = placesOf(tileGrid(image.width, image.height, passport));
  const order = Array.from(tileLogits, (_, i) => i).sort((a, b) => tileLogits[b]! - tileLogits[a]!);
  const tiles: ScoreParts['tiles'] = [];
  for (const i of order.slice(0, MOST_TILES)) {
    const others = tileLogits.filter((_, other) => other !== i);
    tiles.push({
      ...places[i]!,
      logit: tileLogits[i]!,
      without: others.length === 0 ? null : aggregateScore(others, scoreAggregation),
      occlusion: await occlusion(detector, image, { ...places[i]!, tileSize }),
    });
  }
  const scoreWithout = (column: number): number =>
    aggregateScore(
      tileLogits.map((_, i) => ablated[i * branches.length + column]!),
      scoreAggregation,
    );
  return {
    branches:
      branches.length === 0
        ? null
        : branches.map((branch, column) => ({ branch, score: scoreWithout(column) })),
    tiles,
  };
}

/** In one batch: the tile as it is, and with each part hidden. */
async function occlusion(
  detector: Detector,
  image: RgbImage,
  tile: { x: number; y: number; tileSize: number },
): Promise<number[]> {
  const { tileSize } = tile;
  const bytes = tileSize * tileSize * 3;
  const count = PATCHES * PATCHES + 1;
  const pixels = new Uint8Array(count * bytes);
  for (let i = 0; i < count; i++) {
    copyTile(image, tile, pixels, i * bytes);
    if (i > 0) hide(pixels.subarray(i * bytes, (i + 1) * bytes), tileSize, i - 1);
  }
  const { logit } = await detector.run(pixels, count);
  return Array.from(logit.subarray(1), (value) => logit[0]! - value);
}

/** Fills a part of a tile with its mean colour. */
function hide(tile: Uint8Array, tileSize: number, part: number): void {
  const side = tileSize / PATCHES;
  const [left, top] = [(part % PATCHES) * side, Math.floor(part / PATCHES) * side];
  const each = (visit: (at: number) => void): void => {
    for (let y = top; y < top + side; y++)
      for (let x = left; x < left + side; x++) visit((y * tileSize + x) * 3);
  };
  for (let channel = 0; channel < 3; channel++) {
    let sum = 0;
    each((at) => (sum += tile[at + channel]!));
    const mean = Math.round(sum / side ** 2);
    each((at) => (tile[at + channel] = mean));
  }
}
