/**
 * Ways to make one score of a picture from what its tiles said, so that the best one can be chosen on evidence. A tile's
 * logit carries the whole picture's history (camera, JPEG, resizing); scores that compare the tiles or the map of a picture
 * with their own median set that history against itself. All are larger for "simulated".
 */
import type { Judgement } from '#inference/judge-photograph.ts';
import type { MapPixels } from '#inference/stitched-map.ts';

export const imageScoreNames = [
  'top-tenth',
  'mean',
  'maximum',
  'maximum-median',
  'top-tenth-median',
  'deviation',
  'map-top-tenth',
  'map-contrast',
  'map-deviation',
  'map-window-contrast',
] as const;
export type ImageScoreName = (typeof imageScoreNames)[number];

/** What each score is. */
export const imageScoreTexts: Record<ImageScoreName, string> = {
  'top-tenth': "the program's own: mean of the highest tenth of the tiles' logits",
  mean: "mean of the tiles' logits",
  maximum: 'highest logit of a tile',
  'maximum-median': 'highest logit less the median one',
  'top-tenth-median': 'mean of the highest tenth of the logits less the median one',
  deviation: 'standard deviation of the logits',
  'map-top-tenth': 'mean of the highest tenth of the map P',
  'map-contrast': 'mean of the highest tenth of P less its median',
  'map-deviation': 'standard deviation of P',
  'map-window-contrast': 'highest mean of P over a window of 32 x 32 pixels less the median of P',
};

/** Cells along a side of the window: 8 cells of 4 pixels. */
const windowCells = 8;

const meanOf = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const medianOf = (ascending: Float64Array): number => {
  const middle = (ascending.length - 1) / 2;
  return (ascending[Math.floor(middle)]! + ascending[Math.ceil(middle)]!) / 2;
};
const topTenth = (ascending: Float64Array): number =>
  meanOf(ascending.subarray(-Math.max(1, Math.round(ascending.length / 10))));
function deviationOf(values: Float64Array): number {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** The highest mean over a square window, from sums over all rectangles that begin in the upper left corner. */
function highestWindow({ width, height }: MapPixels, values: Float64Array): number {
  const side = Math.min(windowCells, width, height);
  const sums = new Float64Array((width + 1) * (height + 1));
  const at = (x: number, y: number): number => y * (width + 1) + x;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      sums[at(x + 1, y + 1)] =
        values[y * width + x]! + sums[at(x, y + 1)]! + sums[at(x + 1, y)]! - sums[at(x, y)]!;
  let highest = -Infinity;
  for (let y = side; y <= height; y++)
    for (let x = side; x <= width; x++)
      highest = Math.max(
        highest,
        sums[at(x, y)]! - sums[at(x - side, y)]! - sums[at(x, y - side)]! + sums[at(x - side, y - side)]!,
      );
  return highest / side ** 2;
}

/** All scores of one judged picture. */
export function imageScores(
  judgement: Pick<Judgement, 'score' | 'tileLogits'> & { maps: Pick<Judgement['maps'], 'simulation'> },
): Record<ImageScoreName, number> {
  const logits = Float64Array.from(judgement.tileLogits).sort();
  const { simulation } = judgement.maps;
  const scale = simulation.data instanceof Uint16Array ? 65535 : 1;
  const map = Float64Array.from(simulation.data, (value) => value / scale);
  const ascending = map.slice().sort();
  const highest = logits.at(-1)!;
  return {
    'top-tenth': judgement.score,
    mean: meanOf(logits),
    maximum: highest,
    'maximum-median': highest - medianOf(logits),
    'top-tenth-median': topTenth(logits) - medianOf(logits),
    deviation: deviationOf(logits),
    'map-top-tenth': topTenth(ascending),
    'map-contrast': topTenth(ascending) - medianOf(ascending),
    'map-deviation': deviationOf(map),
    'map-window-contrast': highestWindow(simulation, map) - medianOf(ascending),
  };
}
