/** Copy-move: parts of the picture that occur in it twice, with the transformation between them. */
import { z } from 'zod';
import type { PictureArea } from '#contract/analysis.ts';
import { defineAnalysis, type Findings } from '../analysis.ts';
import { lumaPlane } from '../luma.ts';
import { nearestField } from './nearest-field.ts';
import { patchFeatures } from './patch-features.ts';
import { reduced, reduction } from './reduced-plane.ts';
import { copyMask, leastPixels, verifiedCopies, type Copy } from './verified-copies.ts';

const mostCopies = 30;

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
  parameters: z.object({
    megapixels: z
      .number()
      .min(0.1)
      .max(8)
      .default(1)
      .describe(
        'Larger pictures are reduced by a whole factor to at most so many megapixels; more takes longer.',
      ),
    apart: z
      .number()
      .min(0.01)
      .max(0.5)
      .default(0.04)
      .describe('How far apart both parts are at least, as a share of the shorter side.'),
  }),
  async run(picture, { megapixels, apart }, signal) {
    const image = await picture.pixels();
    const factor = reduction(image, megapixels * 1e6);
    const plane = reduced(lumaPlane(image), factor);
    const distance = Math.max(16, Math.round(apart * Math.min(plane.width, plane.height)));
    const features = await patchFeatures(plane, signal);
    const field = await nearestField(features, distance, signal);
    const copies = await verifiedCopies(plane, features, field, { apart: distance }, signal);
    const smallest = leastPixels(plane.width * plane.height) * factor * factor;
    const covers = { x: 0, y: 0, width: plane.width * factor, height: plane.height * factor };
    const usable = features.usable.reduce((sum, use) => sum + use, 0) / features.usable.length;
    const data = { factor, smallest, texturedShare: usable };
    const findings = copies.slice(0, mostCopies).map((copy) => describe(copy, plane.width, factor));
    if (findings.length === 0)
      findings.push({
        code: 'no-copy-found',
        severity: 'fact',
        sentence: `No part of at least ${smallest} pixels with texture was found twice${factor > 1 ? `, in the picture reduced to 1/${factor}` : ''}; ${Math.round(100 * (1 - usable))} % of it are too flat to tell.`,
        data,
      });
    return {
      findings,
      maps: [
        {
          ...{
            name: 'copies',
            title: 'Parts that occur twice',
            ...copyMask(copies, plane.width, plane.height),
          },
          ...{ unit: 'share', range: { min: 0, max: 1 }, bits: 8 as const, covers },
        },
      ],
      details: { ...data, pairs: copies.length },
    };
  },
});

function describe(
  { map, pixels, others, correlation }: Copy,
  width: number,
  factor: number,
): Findings['findings'][number] {
  const [a, b, , d, e] = map;
  const determinant = a * e - b * d;
  const mirrored = determinant < 0;
  const scale = Math.sqrt(Math.abs(determinant));
  const angle = (Math.atan2(mirrored ? d + b : d - b, mirrored ? a - e : a + e) * 180) / Math.PI;
  const first = boxOf(pixels, width, factor);
  const second = boxOf(others, width, factor);
  const turn = Math.abs(angle) < 1 ? 'not turned' : `turned by ${angle.toFixed(0)} degrees`;
  const size = Math.abs(scale - 1) < 0.02 ? 'of the same size' : `scaled by ${scale.toFixed(2)}`;
  return {
    code: 'part-occurs-twice',
    severity: 'notice',
    sentence: `The part at (${first.x}, ${first.y}) occurs again at (${second.x}, ${second.y}), ${turn}, ${size}${mirrored ? ', mirrored' : ''}: ${pixels.length * factor * factor} pixels, correlation ${correlation.toFixed(2)}. Which one is the original cannot be told.`,
    data: {
      ...{ correlation, scale, angle, mirrored, pixels: pixels.length * factor * factor },
      ...{ first, second, map: [...map].map((value, i) => (i % 3 === 2 ? value * factor : value)) },
    },
    area: second,
  };
}

function boxOf(indices: Int32Array, width: number, factor: number): PictureArea {
  let [left, top, right, bottom] = [Infinity, Infinity, 0, 0];
  for (const at of indices) {
    const x = at % width;
    const y = (at - x) / width;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return {
    x: left * factor,
    y: top * factor,
    width: (right - left + 1) * factor,
    height: (bottom - top + 1) * factor,
  };
}
