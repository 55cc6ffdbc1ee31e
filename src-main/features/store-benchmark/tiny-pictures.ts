/** Small rendered pictures for the benchmark of the store, each with other bytes and other pixels, made cheaply. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pngFile } from '#compute/decoding/png-file.ts';

const side = 64;
const inFolder = 1000;

/** Writes pictures `first` to `first + count - 1`, a thousand to a folder, and answers with the folders. */
export function writePictures(folder: string, first: number, count: number): string[] {
  const folders: string[] = [];
  for (let at = first; at < first + count; at++) {
    const within = path.join(folder, `card-${Math.floor(at / inFolder)}-${first}`);
    if (folders.at(-1) !== within) {
      mkdirSync(within, { recursive: true });
      folders.push(within);
    }
    writeFileSync(path.join(within, `IMG_${at}.png`), tinyPicture(at));
  }
  return folders;
}

/** A PNG of waves and a little noise, 64 x 64 RGB: its own for each number. */
export function tinyPicture(number: number): Buffer {
  const rows = Buffer.alloc(side * (1 + side * 3));
  const random = generator(number);
  const [a, b, c, d] = [random() / 8 + 0.02, random() / 8 + 0.02, random() * 7, random() * 7];
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const at = y * (1 + side * 3) + 1 + x * 3;
      const wave = 128 + 55 * Math.sin(x * a + y * b + c) + 55 * Math.cos(y * a - x * b + d);
      rows[at] = wave + random() * 8;
      rows[at + 1] = 255 - wave;
      rows[at + 2] = (wave + x) / 2;
    }
  return pngFile({ width: side, height: side }, rows, { level: 1 });
}

/** Numbers in [0, 1) that follow from `seed` (mulberry32). */
function generator(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
