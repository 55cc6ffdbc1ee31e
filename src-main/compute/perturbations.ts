/**
 * Small changes that happen to a picture on its way: saved again as JPEG, scaled, cut by a few pixels, blurred, made noisy. How a
 * model's answers hold under them says how far they can be trusted; none of them makes a real picture simulated.
 */
import sharp, { type Sharp } from 'sharp';
import type { PictureChange } from '#contract/stability.ts';
import type { RgbImage } from '#engine/ports.ts';
import { cut } from '#engine/training/crops.ts';
import { Random } from '#engine/random.ts';
import { jpegCodec } from './trainer/jpeg-codec.ts';

export type Perturbation = PictureChange;

const levels: Record<Perturbation['kind'], readonly number[]> = {
  jpeg: [95, 90, 80, 70, 50],
  scale: [0.9, 0.75, 0.5],
  crop: [1, 4, 7],
  blur: [0.5, 1, 2],
  noise: [2, 5, 10],
};
/** From the mildest to the strongest, kind by kind. */
export const perturbations: readonly Perturbation[] = Object.entries(levels).flatMap(([kind, values]) =>
  values.map((level) => ({ kind: kind as Perturbation['kind'], level })),
);

const raw = ({ width, height, data }: RgbImage) =>
  sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });

async function pixelsOf(pipeline: Sharp): Promise<RgbImage> {
  const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** The changed picture; the same picture and change give the same pixels. The picture itself is left as it is. */
export async function perturb(image: RgbImage, { kind, level }: Perturbation): Promise<RgbImage> {
  const { width, height, data } = image;
  switch (kind) {
    case 'jpeg':
      return jpegCodec.roundTrip(image, { quality: level, chromaSubsampling: '4:2:0' });
    case 'scale': {
      const [w, h] = [Math.max(1, Math.round(width * level)), Math.max(1, Math.round(height * level))];
      return pixelsOf(raw(image).resize(w, h, { fit: 'fill', kernel: 'lanczos3' }));
    }
    case 'crop':
      return cut(image, level, level, width - level, height - level);
    case 'blur':
      return pixelsOf(raw(image).blur({ sigma: level, minAmplitude: 0.01 }));
    case 'noise': {
      const random = new Random(`noise ${level}`);
      const noisy = Uint8Array.from(data, (value) =>
        Math.max(0, Math.min(255, Math.round(value + random.normal(0, level)))),
      );
      return { width, height, data: noisy };
    }
  }
}
