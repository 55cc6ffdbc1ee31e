/**
 * What a patch around a pixel looks like, whichever way it is turned: on four circles of eight samples, the mean and the magnitudes of the
 * first two circular harmonics. A coarse form of the rotation-invariant features of D. Cozzolino, G. Poggi, L. Verdoliva, "Efficient
 * dense-field copy-move forgery detection", IEEE TIFS 10(11), 2015.
 */
import { inStrips } from '../mathematics/breathe.ts';
import type { Plane } from '../mathematics/plane.ts';
import { smoothed } from '../mathematics/reduced-plane.ts';

/** Numbers a patch. */
export const dimensions = 12;
/** Diagonal steps of the circles: radii of 1.4 to 7.1 pixels. */
const steps = [1, 2, 3, 5] as const;
/** Pixels from the border within which there are no patches. */
export const margin = 8;
/** Mean squared deviation on the circles, in grey levels, below which a patch is too flat to be told from others. */
const leastVariance = 6;

export interface PatchFeatures {
  width: number;
  height: number;
  /** [height, width, dimensions], 0 to 255. */
  values: Uint8Array;
  /** 1 where the patch has enough texture and lies within the margin. */
  usable: Uint8Array;
}

const byte = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : Math.round(value));

export async function patchFeatures(plane: Plane, signal: AbortSignal): Promise<PatchFeatures> {
  const { width, height, data } = smoothed(plane);
  const values = new Uint8Array(width * height * dimensions);
  const usable = new Uint8Array(width * height);
  const circles = steps.map((step) => {
    const radius = step * Math.SQRT2;
    const near = Math.floor(radius);
    return { step, near, share: radius - near };
  });
  await inStrips(height - 2 * margin, 64, signal, (from, to) => {
    const means = new Float64Array(4);
    for (let y = from + margin; y < to + margin; y++)
      for (let x = margin; x < width - margin; x++) {
        const at = y * width + x;
        const out = at * dimensions;
        let squares = 0;
        for (let ring = 0; ring < 4; ring++) {
          const { step, near, share } = circles[ring]!;
          const rest = 1 - share;
          // Samples every 45 degrees; those on the axes lie between two pixels.
          const e = rest * data[at + near]! + share * data[at + near + 1]!;
          const w = rest * data[at - near]! + share * data[at - near - 1]!;
          const s = rest * data[at + near * width]! + share * data[at + (near + 1) * width]!;
          const n = rest * data[at - near * width]! + share * data[at - (near + 1) * width]!;
          const se = data[at + step * width + step]!;
          const sw = data[at + step * width - step]!;
          const ne = data[at - step * width + step]!;
          const nw = data[at - step * width - step]!;
          const mean = (e + w + s + n + se + sw + ne + nw) / 8;
          means[ring] = mean;
          squares += e * e + w * w + s * s + n * n + se * se + sw * sw + ne * ne + nw * nw - 8 * mean * mean;
          const real1 = e - w + Math.SQRT1_2 * (se + ne - sw - nw);
          const imaginary1 = s - n + Math.SQRT1_2 * (se + sw - ne - nw);
          const real2 = e + w - s - n;
          const imaginary2 = se + nw - sw - ne;
          values[out + 4 + ring] = byte(Math.sqrt(real1 * real1 + imaginary1 * imaginary1));
          values[out + 8 + ring] = byte(Math.sqrt(real2 * real2 + imaginary2 * imaginary2));
        }
        const mean = (means[0]! + means[1]! + means[2]! + means[3]!) / 4;
        values[out] = byte(mean);
        for (let ring = 1; ring < 4; ring++)
          values[out + ring] = byte(128 + 4 * (means[ring]! - means[ring - 1]!));
        if (squares / 32 >= leastVariance) usable[at] = 1;
      }
  });
  return { width, height, values, usable };
}
