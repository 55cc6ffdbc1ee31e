/** What every way of finding copies begins and ends with: its parameters, the reduced picture, and what a copy is held to. */
import { z } from 'zod';
import type { RgbImage } from '#engine/ports.ts';
import { lumaPlane } from './luma.ts';
import type { Plane } from './mathematics/plane.ts';
import { reduced, reduction } from './mathematics/reduced-plane.ts';

/** @param megapixels what is searched where nothing is said */
export const copySearchParameters = (megapixels: number) =>
  z.object({
    megapixels: z
      .number()
      .min(0.1)
      .max(8)
      .default(megapixels)
      .describe(
        'Larger pictures are reduced by a whole factor to at most so many megapixels; more takes longer.',
      ),
    apart: z
      .number()
      .min(0.01)
      .max(0.5)
      .default(0.04)
      .describe('How far apart both parts are at least, as a share of the shorter side.'),
  });
export type CopySearchParameters = z.output<ReturnType<typeof copySearchParameters>>;

export interface SearchedPlane {
  /** Brightness, 0 to 255. */
  plane: Plane;
  /** By which it is smaller than the picture. */
  factor: number;
  /** Pixels of the plane that both parts are at least apart. */
  distance: number;
}

export function searchedPlane(image: RgbImage, { megapixels, apart }: CopySearchParameters): SearchedPlane {
  const factor = reduction(image, megapixels * 1e6);
  const plane = reduced(lumaPlane(image), factor);
  const distance = Math.max(16, Math.round(apart * Math.min(plane.width, plane.height)));
  return { plane, factor, distance };
}

/**
 * How much the correlation must fall when one part is moved by four pixels in the direction in which it falls least. Along a straight edge
 * it does not fall: every piece of a long edge is like every other, which is no copy.
 */
const leastFall = 0.3;
const shifts = [
  [4, 0],
  [3, 3],
  [0, 4],
  [-3, 3],
  [-4, 0],
  [-3, -3],
  [0, -4],
  [3, -3],
] as const;

/** Whether parts that correlate so much do so in that place alone. @param moved the correlation with one part moved */
export const standsOut = (correlation: number, moved: (dx: number, dy: number) => number): boolean =>
  shifts.every(([dx, dy]) => !(moved(dx, dy) > correlation - leastFall));
