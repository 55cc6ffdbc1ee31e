/**
 * What a model was validated on, and whether a picture lies inside it. Stated rules, not statistics: sizes from half the
 * pixels of the smallest validation picture to twice those of the largest; colour, or none, only where as many groups of
 * validation photographs were like that as a calibration needs.
 */
import type { RgbImage } from '../ports.ts';
import { MINIMUM_GROUPS } from './tier-calibration.ts';

export interface ValidatedDomain {
  /** Pixels of the smallest and the largest validation picture. */
  pixels: { least: number; most: number };
  /** Groups with and without colour. */
  coloured: number;
  grey: number;
}

/** True where no pixel has any colour. */
export function isGrey({ data }: RgbImage): boolean {
  for (let i = 0; i < data.length; i += 3)
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  return true;
}

/** Pixel counts that count as validated, both ends included. */
export const validatedSizes = ({ pixels }: ValidatedDomain): { from: number; to: number } => ({
  from: Math.ceil(pixels.least / 2),
  to: 2 * pixels.most,
});

/** Whether pictures with or without colour were validated. */
export const isColourValidated = (domain: ValidatedDomain, grey: boolean): boolean =>
  (grey ? domain.grey : domain.coloured) >= MINIMUM_GROUPS;
