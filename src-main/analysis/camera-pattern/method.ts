/** Whether a picture holds the pattern of one camera's sensor (PRNU), and where in it that is missing. */
import { z } from 'zod';
import { defineAnalysis, NotRun, type Findings } from '../analysis.ts';
import { library } from '../library.ts';
import { lumaPlane } from '../luma.ts';
import type { Plane } from '../mathematics/plane.ts';
import { connectedRegions } from '../mathematics/regions.ts';
import { bestPlace, peakToCorrelationEnergy } from './correlation.ts';
import { patternResidual, saturation, withoutShared } from './fingerprint.ts';
import { cellSide, localPresence, type LocalPresence } from './local-presence.ts';
import { fingerprintOf, referenceSet, type ReferenceSet } from './reference-set.ts';

const [least, recommended] = [6, 20];
/** Missing: at least so many deviations less than expected, and less than this share of it; regions of so many cells. */
const [farBelow, smallShare, leastCells] = [4, 0.25, 9];
const mostRegions = 20;

export const cameraPattern = defineAnalysis({
  name: 'camera-pattern',
  title: 'Camera pattern (PRNU)',
  question:
    'Does the picture hold the sensor pattern of the camera that took the reference pictures, and is it missing somewhere?',
  limits:
    'That the pattern is not found does not show that another camera took the picture: scaling, turning, strong compression, filtering and ' +
    'a changed lens correction hide it. A picture that was cut out is searched for, a scaled one is not. Whether the references are all of one ' +
    'camera must be known from elsewhere. Modern phones that join several exposures can weaken the pattern or share artefacts.',
  version: 1,
  needs: 'pixels',
  minimumSide: 128,
  libraries: [library('fft.js')],
  references: { what: 'pictures of the camera in question', least, most: 200, required: true },
  parameters: z.object({
    threshold: z
      .number()
      .min(30)
      .max(10_000)
      .default(60)
      .describe('Peak-to-correlation energy from which on the pattern counts as found.'),
    reach: z
      .int()
      .min(1)
      .max(10)
      .default(3)
      .describe(
        `Cells of ${cellSide} pixels on each side of a window of the map; small windows are less sure.`,
      ),
  }),
  async run(picture, { threshold, reach }, signal, references) {
    const image = await picture.pixels();
    const set = await referenceSet(references, image, signal);
    if (set.chosen.length < least)
      throw new NotRun(
        `Of ${references.length} references ${set.chosen.length} can be used; ${least} are needed. ${leftOut(set)}`,
      );
    if (image.width > set.width || image.height > set.height)
      throw new NotRun(
        `The picture has ${image.width} by ${image.height} pixels, the references ${set.width} by ${set.height}: it is no part of such a picture, and scaled ones are not searched for.`,
      );
    const { pattern, agreement } = await fingerprintOf(set, signal);
    const made = `made of ${set.chosen.length} pictures of ${set.width} by ${set.height} pixels`;
    const findings: Findings['findings'] = [
      {
        code: 'fingerprint-made',
        severity: 'fact',
        sentence: `A fingerprint was ${made}; those of its two halves agree with a peak-to-correlation energy of ${agreement.toFixed(0)}.`,
        data: { pictures: set.chosen.length, agreement, width: set.width, height: set.height },
      },
    ];
    if (leftOut(set) !== '')
      findings.push({
        code: 'references-left-out',
        severity: 'notice',
        sentence: leftOut(set),
        data: { ...set.left },
      });
    if (set.chosen.length < recommended)
      findings.push({
        code: 'few-references',
        severity: 'notice',
        sentence: `With fewer than ${recommended} pictures the fingerprint is weak, and may not be found where it is.`,
      });
    if (agreement < threshold) {
      findings.push({
        code: 'no-common-pattern',
        severity: 'notice',
        sentence:
          'Cannot tell: the references do not share a pattern, so that there is nothing to look for. They may be of several cameras, or processed.',
      });
      return { findings };
    }
    const plane = lumaPlane(image);
    const cut = image.width < set.width || image.height < set.height;
    const residual = await withoutShared(await patternResidual(plane, signal), signal);
    const place = cut ? await bestPlace(times(residual, plane), pattern, signal) : { x: 0, y: 0, places: 1 };
    const expected = times(cutOut(pattern, place, image), plane);
    const energy = await peakToCorrelationEnergy(residual, expected, signal);
    // The largest of n squares of normal numbers is about 2 ln n: what a search finds by chance.
    const needed = threshold + 2 * Math.log(place.places);
    const where = cut ? ` at (${place.x}, ${place.y}), the best of ${place.places} places` : '';
    const data = { energy, threshold: needed, places: place.places, x: place.x, y: place.y };
    if (energy < needed) {
      findings.push({
        code: 'fingerprint-not-found',
        severity: 'notice',
        sentence: `The fingerprint was not found: peak-to-correlation energy ${energy.toFixed(1)}${where}, below ${needed.toFixed(0)}. Another camera, or processing that hides it.`,
        data,
      });
      return { findings };
    }
    findings.push({
      code: 'fingerprint-found',
      severity: 'fact',
      sentence: `The picture holds the fingerprint: peak-to-correlation energy ${energy.toFixed(0)}${where}, above ${needed.toFixed(0)}.`,
      data,
    });
    const presence = await localPresence(residual, expected, reach, signal);
    return { findings: [...findings, ...missing(presence, plane)], maps: maps(presence) };
  },
});

const times = (a: Plane, b: Plane): Plane => ({ ...a, data: a.data.map((value, i) => value * b.data[i]!) });

function cutOut(
  plane: Plane,
  { x, y }: { x: number; y: number },
  size: { width: number; height: number },
): Plane {
  const { width, height } = size;
  if (plane.width === width && plane.height === height) return plane;
  const data = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    const from = (y + row) * plane.width + x;
    data.set(plane.data.subarray(from, from + width), row * width);
  }
  return { width, height, data };
}

function leftOut({ left, width, height }: ReferenceSet): string {
  const reasons = [
    left.alike > 0 ? `${left.alike} that ${left.alike === 1 ? 'looks' : 'look'} like the picture itself` : '',
    left.otherSize > 0 ? `${left.otherSize} not of ${width} by ${height} pixels` : '',
    left.unreadable > 0 ? `${left.unreadable} that cannot be decoded` : '',
  ].filter((reason) => reason !== '');
  return reasons.length === 0 ? '' : `Left out of the references: ${reasons.join(', ')}.`;
}

function missing({ width, height, found, expected }: LocalPresence, plane: Plane): Findings['findings'] {
  const marked = new Uint8Array(found.length);
  for (let i = 0; i < marked.length; i++)
    if (expected[i]! - found[i]! >= farBelow && found[i]! < smallShare * expected[i]!) marked[i] = 1;
  const told = expected.filter((value) => value >= farBelow).length / expected.length;
  const regions = connectedRegions(marked, width, leastCells).slice(0, mostRegions);
  const shares: Findings['findings'] = [
    {
      code: 'fingerprint-visible',
      severity: 'fact',
      sentence: `In ${Math.round(100 * told)} % of the picture the fingerprint is strong enough to be missed; dark, saturated and finely textured parts tell nothing.`,
      data: {
        share: told,
        saturated: plane.data.filter((value) => value >= saturation).length / plane.data.length,
      },
    },
  ];
  return [
    ...shares,
    ...regions.map((region): Findings['findings'][number] => ({
      code: 'fingerprint-missing',
      severity: 'notice',
      sentence: `The fingerprint is missing in a part of about ${(region.right - region.left + 1) * cellSide} by ${(region.bottom - region.top + 1) * cellSide} pixels, where it should be visible.`,
      data: { cells: region.cells },
      area: {
        x: region.left * cellSide,
        y: region.top * cellSide,
        width: Math.min(width, region.right + 1) * cellSide - region.left * cellSide,
        height: Math.min(height, region.bottom + 1) * cellSide - region.top * cellSide,
      },
    })),
  ];
}

function maps({ width, height, found, expected }: LocalPresence): NonNullable<Findings['maps']> {
  const covers = { x: 0, y: 0, width: width * cellSide, height: height * cellSide };
  const shown = { width, height, covers, unit: 'deviations', range: { min: 0, max: 20 } };
  return [
    { ...shown, name: 'found', title: 'Correlation with the fingerprint', data: found },
    { ...shown, name: 'expected', title: 'Correlation that the fingerprint should have', data: expected },
  ];
}
