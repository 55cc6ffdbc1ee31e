/**
 * Self-reference: x_s is a changed copy of its own host x_r, as when a person retouches part of a picture. What the blend
 * shows then gives nothing away; only the trace of the change does.
 */
import type { JpegCodec, RgbImage } from '../ports.ts';
import type { Random } from '../random.ts';
import { mirrored } from './crops.ts';
import { changed } from './picture-changes.ts';

/** Mean change, in levels of 255, under which a copy would be a real picture that is labelled simulated. */
const LEAST_CHANGE = 1.5;
const ATTEMPTS = 6;

function meanChange(a: RgbImage, b: RgbImage): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i]! - b.data[i]!);
  return sum / a.data.length;
}

/** A changed copy of a crop: one to two changes, drawn again where hardly anything changed. */
export async function selfReference(host: RgbImage, random: Random, codec: JpegCodec): Promise<RgbImage> {
  let best = { change: -1, image: host };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    let image = random.uniform() < 0.1 ? mirrored(host) : host;
    const changes = 1 + random.integer(2);
    for (let i = 0; i < changes; i++) {
      image = await changed(image, random, codec);
    }
    const change = meanChange(image, host);
    if (change > best.change) best = { change, image };
    if (change >= LEAST_CHANGE) break;
  }
  return best.image;
}
