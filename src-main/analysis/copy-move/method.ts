/** Copy-move: parts of the picture that occur in it twice, with the transformation between them. */
import { defineAnalysis } from '../analysis.ts';
import { copiesMap, describeCopies, leastPixels } from '../copies.ts';
import { copySearchParameters, searchedPlane } from '../copy-search.ts';
import { nearestField } from './nearest-field.ts';
import { patchFeatures } from './patch-features.ts';
import { verifiedCopies } from './verified-copies.ts';

export const copyMove = defineAnalysis({
  name: 'copy-move',
  title: 'Copied parts',
  question: 'Does a part of the picture occur in it a second time?',
  limits:
    'Things that are alike by nature or by manufacture, such as windows, tiles or print, are found too. Flat parts, parts enlarged or ' +
    'reduced by more than about a tenth, and parts that are small after a large picture is reduced are not found.',
  version: 1,
  needs: 'pixels',
  minimumSide: 64,
  parameters: copySearchParameters(1),
  async run(picture, parameters, signal) {
    const { plane, factor, distance } = searchedPlane(await picture.pixels(), parameters);
    const features = await patchFeatures(plane, signal);
    const field = await nearestField(features, distance, signal);
    const copies = await verifiedCopies(plane, features, field, { apart: distance }, signal);
    const smallest = leastPixels(plane.width * plane.height) * factor * factor;
    const usable = features.usable.reduce((sum, use) => sum + use, 0) / features.usable.length;
    const data = { factor, smallest, texturedShare: usable };
    const findings = describeCopies(copies, plane.width, factor);
    if (findings.length === 0)
      findings.push({
        code: 'no-copy-found',
        severity: 'fact',
        sentence: `No part of at least ${smallest} pixels with texture was found twice${factor > 1 ? `, in the picture reduced to 1/${factor}` : ''}; ${Math.round(100 * (1 - usable))} % of it are too flat to tell.`,
        data,
      });
    return {
      findings,
      maps: [copiesMap(copies, plane, factor)],
      details: { ...data, pairs: copies.length },
    };
  },
});
