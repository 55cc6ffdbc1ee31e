/** Copy-move by keypoints: parts that occur twice, also turned and scaled at once. */
import { defineAnalysis } from '../analysis.ts';
import { copiesMap, describeCopies, isReverse, leastPixels, type Copy } from '../copies.ts';
import { copySearchParameters, searchedPlane } from '../copy-search.ts';
import { breathe } from '../mathematics/breathe.ts';
import { smoothed } from '../mathematics/reduced-plane.ts';
import { openCvLibrary } from '../open-cv.ts';
import { commonMovements } from './common-movements.ts';
import { grownCopy } from './grown-copy.ts';
import { similarKeypoints } from './similar-keypoints.ts';

/** Movements that are examined. */
const mostMovements = 60;

export const copyMoveKeypoints = defineAnalysis({
  name: 'copy-move-keypoints',
  title: 'Copied parts, by keypoints',
  question: 'Does a part of the picture occur in it a second time, perhaps turned and scaled?',
  limits:
    'Only parts that hold several keypoints (corners, blobs) can be found: soft or flat parts have none. Things that are alike by nature ' +
    'or by manufacture, such as windows, tiles or print, are found too. Mirrored copies are not found.',
  version: 1,
  needs: 'pixels',
  minimumSide: 64,
  libraries: [openCvLibrary],
  parameters: copySearchParameters(2),
  async run(picture, parameters, signal) {
    const { plane, factor, distance } = searchedPlane(await picture.pixels(), parameters);
    const { pairs, keypoints } = await similarKeypoints(plane, distance);
    const soft = smoothed(plane);
    const least = leastPixels(plane.width * plane.height);
    const copies: Copy[] = [];
    let movements = 0;
    for (const movement of commonMovements(pairs)) {
      await breathe(signal);
      if (++movements > mostMovements) break;
      const copy = grownCopy(soft, movement, distance, least);
      if (copy && !copies.some((known) => isReverse(known, copy))) copies.push(copy);
    }
    copies.sort((a, b) => b.pixels.length - a.pixels.length || a.pixels[0]! - b.pixels[0]!);
    const data = { factor, keypoints, similarPairs: pairs.length / 2, movements };
    const findings = describeCopies(copies, plane.width, factor);
    if (findings.length === 0)
      findings.push({
        code: 'no-copy-found',
        severity: 'fact',
        sentence: `Among ${keypoints} keypoints no part of at least ${least * factor * factor} pixels was found twice${factor > 1 ? `, in the picture reduced to 1/${factor}` : ''}. Parts without keypoints cannot be compared.`,
        data,
      });
    return { findings, maps: [copiesMap(copies, plane, factor)], details: { ...data, pairs: copies.length } };
  },
});
