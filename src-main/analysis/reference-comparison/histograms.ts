/** Histograms of two pictures. */
import type { JsonValue } from '#contract/audit.ts';
import type { RgbImage } from '#engine/ports.ts';
import { luma } from '../luma.ts';

/** Each of 4 values of 0 to 255. */
const bins = 64;

/** @returns shares of pixels by bin, of each picture's colours and brightness, and what both have in common of brightness, 0 to 1 */
export function histograms(
  picture: RgbImage,
  reference: RgbImage,
): { common: number; details: { bins: number; picture: Shares; reference: Shares } } {
  const [one, two] = [sharesOf(picture), sharesOf(reference)];
  const common = one.brightness.reduce((sum, share, i) => sum + Math.min(share, two.brightness[i]!), 0);
  return { common, details: { bins, picture: one, reference: two } };
}

type Shares = { red: number[]; green: number[]; blue: number[]; brightness: number[] } & Record<
  string,
  JsonValue & number[]
>;

function sharesOf(image: RgbImage): Shares {
  const pixels = image.width * image.height;
  const colour = (from: number): number[] => {
    const counts = new Array<number>(bins).fill(0);
    for (let at = from; at < image.data.length; at += 3) counts[image.data[at]! >> 2]!++;
    return counts.map((count) => count / pixels);
  };
  const brightness = new Array<number>(bins).fill(0);
  for (const value of luma(image)) brightness[Math.min(bins - 1, Math.floor(value / 4))]!++;
  return {
    ...{ red: colour(0), green: colour(1), blue: colour(2) },
    brightness: brightness.map((count) => count / pixels),
  };
}
