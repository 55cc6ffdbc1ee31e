/** The figures of a set: manipulated or generated pictures against real ones, whole and by source. */
import { bootstrapInterval, take, type Interval } from '#engine/evaluation/bootstrap.ts';
import { addCounts, mapAuc, type MapCounts } from '#engine/evaluation/map-agreement.ts';
import { auc } from '#engine/evaluation/metrics.ts';
import type { Random } from '#engine/random.ts';
import { imageScoreNames, type ImageScoreName } from './image-scores.ts';
import { savings, type JudgedPicture, type Saving } from './judge-pictures.ts';
import type { SetFigures } from './study-row.ts';
import type { StudyPicture, StudySet } from './study-data.ts';

export type JudgedStudyPicture = JudgedPicture<StudyPicture>;

/** Sums of map counts are slow: fewer draws than for the scores do. */
const draws = { image: 1000, pixel: 200 };

interface Estimate {
  value: number | null;
  interval: Interval | null;
}

/** AUC of one image score, with its interval over groups where `random` is given. */
function imageAuc(
  pictures: readonly JudgedStudyPicture[],
  saving: Saving,
  name: ImageScoreName,
  random?: Random,
): Estimate {
  const scores = pictures.map(({ readings }) => readings[saving].scores[name]);
  const labels = pictures.map(({ picture }) => Number(picture.simulated));
  const groups = pictures.map(({ picture }) => picture.group);
  const measure = (at: Int32Array): number | null => auc(take(scores, at), take(labels, at));
  const options = { draws: draws.image, groups };
  return {
    value: auc(scores, labels),
    interval: random ? bootstrapInterval(labels, measure, { ...options, random }) : null,
  };
}

/**
 * AUC of the map's cells inside the masks against those outside: `pooled` over all pictures, which also compares pictures
 * with each other, and `within`, the mean of every picture's own.
 */
function pixelAuc(
  pictures: readonly JudgedStudyPicture[],
  saving: Saving,
  random: Random,
): Record<'pooled' | 'within', Estimate> {
  const masked = pictures.filter(({ readings }) => readings[saving].map !== null);
  const maps: MapCounts[] = masked.map(({ readings }) => readings[saving].map!);
  const own = maps.map(mapAuc);
  const groups = masked.map(({ picture }) => picture.group);
  const estimate = (measure: (at: Int32Array) => number | null, name: string): Estimate => ({
    value: measure(Int32Array.from(maps, (_, i) => i)),
    interval: bootstrapInterval(new Uint8Array(maps.length), measure, {
      random: random.fork(name),
      draws: draws.pixel,
      groups,
    }),
  });
  const within = (at: Int32Array): number | null => {
    const defined = Array.from(at, (i) => own[i]!).filter((value) => value !== null);
    return defined.length > 0 ? defined.reduce((sum, value) => sum + value, 0) / defined.length : null;
  };
  return {
    pooled: estimate((at) => mapAuc(addCounts(Array.from(at, (i) => maps[i]!))), 'pooled'),
    within: estimate(within, 'within'),
  };
}

function figuresOf(pictures: readonly JudgedStudyPicture[], random: Random): Omit<SetFigures, 'categories'> {
  const image = {
    native: imageAuc(pictures, 'native', 'top-tenth', random.fork('native')),
    q90: imageAuc(pictures, 'q90', 'top-tenth', random.fork('q90')),
  };
  const pixel = {
    native: pixelAuc(pictures, 'native', random.fork('pixel native')),
    q90: pixelAuc(pictures, 'q90', random.fork('pixel q90')),
  };
  const simulated = pictures.filter(({ picture }) => picture.simulated);
  return {
    native: image.native.value,
    q90: image.q90.value,
    pixel: pixel.q90.pooled.value,
    pixel_native: pixel.native.pooled.value,
    pixel_within: pixel.q90.within.value,
    pixel_within_native: pixel.native.within.value,
    intervals: {
      native: image.native.interval,
      q90: image.q90.interval,
      pixel: pixel.q90.pooled.interval,
      pixel_native: pixel.native.pooled.interval,
      pixel_within: pixel.q90.within.interval,
      pixel_within_native: pixel.native.within.interval,
    },
    counts: {
      real: pictures.length - simulated.length,
      simulated: simulated.length,
      masks: simulated.filter(({ readings }) => readings.native.map !== null).length,
    },
  };
}

/** The judged pictures of a set. */
export function picturesOf(set: StudySet, judged: readonly JudgedStudyPicture[]): JudgedStudyPicture[] {
  return judged.filter(({ picture }) => [...set.simulated, ...set.real].includes(picture.source));
}

/** Figures of a set, and of each of its sources of simulated pictures against all its real ones. */
export function setFigures(set: StudySet, judged: readonly JudgedStudyPicture[], random: Random): SetFigures {
  const all = picturesOf(set, judged);
  const categories = set.simulated.map((source) => {
    const own = all.filter(({ picture }) => !picture.simulated || picture.source === source);
    return [source.slice(source.indexOf('/') + 1), figuresOf(own, random.fork(source))] as const;
  });
  return { ...figuresOf(all, random.fork('all')), categories: Object.fromEntries(categories) };
}

/** AUC of every image score on a set, so that the best aggregate can be chosen. */
export function scoreFigures(
  set: StudySet,
  judged: readonly JudgedStudyPicture[],
): Record<string, Record<Saving, number | null>> {
  const all = picturesOf(set, judged);
  return Object.fromEntries(
    imageScoreNames.map((name) => [
      name,
      Object.fromEntries(savings.map((saving) => [saving, imageAuc(all, saving, name).value])) as Record<
        Saving,
        number | null
      >,
    ]),
  );
}
