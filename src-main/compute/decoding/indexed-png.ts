/** PNG files of at most 256 colours: what coloured maps become, each sample one byte and nothing lost. */
import { pngFile } from './png-file.ts';

/**
 * @param indices row by row, [height * width]
 * @param colours RGB of each index, [256 * 3]
 */
export function indexedPng(width: number, height: number, indices: Uint8Array, colours: Uint8Array): Buffer {
  const rows = Buffer.alloc(height * (width + 1)); // each row begins with its filter: none
  for (let y = 0; y < height; y++)
    rows.set(indices.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  return pngFile({ width, height }, rows, { palette: colours, level: 6 });
}
