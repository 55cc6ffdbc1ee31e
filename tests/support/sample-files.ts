/** Pictures that the tests make themselves, and ways to spoil them. All are made with sharp, from numbers alone. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { Random } from '#engine/random.ts';

/** Smooth waves with a little texture: RGB, deterministic by `seed`, different to the eye for every seed. */
export function samplePixels(width: number, height: number, seed = 0): Uint8Array {
  const pixels = new Uint8Array(width * height * 3);
  let noise = (seed + 1) * 2654435761;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < 3; channel++) {
        noise = (Math.imul(noise, 1664525) + 1013904223) >>> 0;
        const wave =
          Math.sin((x * (1 + (seed % 5))) / 17 + channel) +
          Math.cos((y * (1 + (seed % 3))) / 13 + seed * 1.7);
        pixels[(y * width + x) * 3 + channel] = 128 + 45 * wave + (noise >>> 28);
      }
  return pixels;
}

export const samplePicture = (width = 96, height = 80, seed = 0): Sharp =>
  sharp(samplePixels(width, height, seed), { raw: { width, height, channels: 3 } });

/** Random soft patches: RGB, deterministic by `seed`, and no two seeds look alike to a perceptual hash. */
export function patchPicture(seed: number, width = 96, height = 80): Sharp {
  const random = new Random(`patches ${seed}`);
  const patches = Uint8Array.from({ length: 9 * 8 * 3 }, () => 30 + random.integer(196));
  const small = sharp(patches, { raw: { width: 9, height: 8, channels: 3 } });
  return small.resize(width, height, { fit: 'fill', kernel: 'cubic' });
}

/** Writes `bytes` as `name` below `folder` and answers with its path. */
export function write(folder: string, name: string, bytes: Uint8Array | string): string {
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

/** The file without its last `missing` bytes, or without the second half. */
export function cutOff(file: string, missing?: number): string {
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.subarray(0, missing === undefined ? bytes.length >> 1 : bytes.length - missing));
  return file;
}
