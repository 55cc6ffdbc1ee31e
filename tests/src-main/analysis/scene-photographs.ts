/** Photographs of rendered scenes with a camera of choice, before any JPEG coding, and what is done to them in tests. */
import sharp, { type Sharp } from 'sharp';
import { Random } from '#engine/random.ts';
import type { RgbImage } from '#engine/ports.ts';
import { cameras, openCamera, type Camera } from '#features/samples/camera.ts';
import { drawTexture, newCanvas } from '#features/samples/scene-canvas.ts';
import { paintFacade } from '#features/samples/scenes/facade.ts';
import { paintFoliage } from '#features/samples/scenes/foliage.ts';
import { paintLandscape } from '#features/samples/scenes/landscape.ts';
import { paintStillLife } from '#features/samples/scenes/still-life.ts';

const scenes = [paintLandscape, paintFacade, paintStillLife, paintFoliage];

export const cameraNamed = (name: string): Camera => cameras.find((camera) => camera.name === name)!;

/** Takes photographs of scenes of one size with one camera body: a seed names a scene and its noise. They are kept. */
export function photographer(camera: Camera, width = 480, height = 320): (seed: number) => RgbImage {
  const expose = openCamera(camera, width, height);
  const taken = new Map<number, RgbImage>();
  const take = (seed: number): RgbImage => {
    const random = new Random(`photograph ${seed}`);
    const canvas = newCanvas(width, height);
    scenes[seed % scenes.length]!({
      canvas,
      random,
      textures: [drawTexture(random), drawTexture(random)],
    });
    return expose(canvas, random.fork('sensor'));
  };
  return (seed) => {
    const known = taken.get(seed) ?? take(seed);
    taken.set(seed, known);
    return known;
  };
}

export const asSharp = ({ width, height, data }: RgbImage): Sharp =>
  sharp(data, { raw: { width, height, channels: 3 } });

export const asPng = (image: RgbImage): Promise<Buffer> =>
  asSharp(image).png({ compressionLevel: 1 }).toBuffer();

export const asJpeg = (image: RgbImage, quality: number): Promise<Buffer> =>
  asSharp(image).jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer();

export async function pixelsOf(picture: Sharp): Promise<RgbImage> {
  const { data, info } = await picture.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Changes a box of a copy: `valueOf` gives the new value of one colour of a pixel. */
export function changed(
  image: RgbImage,
  { left, top, width, height }: Box,
  valueOf: (x: number, y: number, colour: number) => number,
): RgbImage {
  const data = image.data.slice();
  for (let y = top; y < top + height; y++)
    for (let x = left; x < left + width; x++)
      for (let colour = 0; colour < 3; colour++)
        data[(y * image.width + x) * 3 + colour] = Math.max(
          0,
          Math.min(255, Math.round(valueOf(x, y, colour))),
        );
  return { ...image, data };
}

/** A copy of `image` with `part` pasted at a place. */
export const pasted = (image: RgbImage, part: RgbImage, left: number, top: number): RgbImage =>
  changed(
    image,
    { left, top, width: part.width, height: part.height },
    (x, y, colour) => part.data[((y - top) * part.width + x - left) * 3 + colour]!,
  );

export const cropped = (image: RgbImage, box: Box): Promise<RgbImage> =>
  pixelsOf(asSharp(image).extract(box));

/** Whether most of the smaller of two areas lies in the other. */
export function overlap(area: { x: number; y: number; width: number; height: number }, box: Box): boolean {
  const across = Math.min(area.x + area.width, box.left + box.width) - Math.max(area.x, box.left);
  const down = Math.min(area.y + area.height, box.top + box.height) - Math.max(area.y, box.top);
  if (across <= 0 || down <= 0) return false;
  return across * down > 0.5 * Math.min(area.width * area.height, box.width * box.height);
}
