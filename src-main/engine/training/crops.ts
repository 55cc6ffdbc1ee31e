/** Crops of photographs as plain pixel arrays: cutting, mirroring, colour matching, averaging. No tensors. */
import type { RgbImage } from '../ports.ts';
import type { Random } from '../random.ts';

const GRID = 8;

/** A rectangle (a square where no height is given) cut at (x, y). @throws Error where it does not lie inside. */
export function cut(image: RgbImage, x: number, y: number, width: number, height: number = width): RgbImage {
  if (x < 0 || y < 0 || x + width > image.width || y + height > image.height) {
    throw new Error(
      `cut: ${width}x${height} at (${x}, ${y}) does not lie inside ${image.width}x${image.height}`,
    );
  }
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const start = ((y + row) * image.width + x) * 3;
    data.set(image.data.subarray(start, start + width * 3), row * width * 3);
  }
  return { width, height, data };
}

/** A random square at multiples of 8 pixels, so that an old JPEG grid lies alike in every crop. */
export function alignedCrop(image: RgbImage, side: number, random: Random): RgbImage {
  const x = GRID * random.integer(Math.floor((image.width - side) / GRID) + 1);
  const y = GRID * random.integer(Math.floor((image.height - side) / GRID) + 1);
  return cut(image, x, y, side);
}

/** A random square at any pixel. */
export const freeCrop = (image: RgbImage, side: number, random: Random): RgbImage =>
  cut(image, random.integer(image.width - side + 1), random.integer(image.height - side + 1), side);

/** Left and right exchanged. */
export function mirrored(image: RgbImage): RgbImage {
  const data = new Uint8Array(image.data.length);
  for (let p = 0; p < image.width * image.height; p++) {
    const x = p % image.width;
    const from = (p - x + image.width - 1 - x) * 3;
    data[p * 3] = image.data[from]!;
    data[p * 3 + 1] = image.data[from + 1]!;
    data[p * 3 + 2] = image.data[from + 2]!;
  }
  return { ...image, data };
}

function channelMoments(data: Uint8Array, channel: number) {
  let sum = 0;
  let squares = 0;
  const count = data.length / 3;
  for (let i = channel; i < data.length; i += 3) {
    sum += data[i]!;
    squares += data[i]! ** 2;
  }
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / count - mean ** 2)) };
}

/** Rounds to 8 bits. */
export const toByte = (value: number): number => (value <= 0 ? 0 : value >= 255 ? 255 : Math.round(value));

/** A crop with the mean and (within a factor of two) the deviation of each of its host's channels. */
export function colourMatched(crop: RgbImage, host: RgbImage): RgbImage {
  const data = new Uint8Array(crop.data.length);
  for (let c = 0; c < 3; c++) {
    const own = channelMoments(crop.data, c);
    const wanted = channelMoments(host.data, c);
    const gain = Math.min(2, Math.max(0.5, (wanted.deviation + 1) / (own.deviation + 1)));
    for (let i = c; i < data.length; i += 3)
      data[i] = toByte((crop.data[i]! - own.mean) * gain + wanted.mean);
  }
  return { ...crop, data };
}

/** Means over squares of `factor` positions. `[side * side] -> [(side / factor)^2]` */
export function areaAverage(values: Float32Array, side: number, factor: number): Float32Array {
  const small = side / factor;
  const result = new Float32Array(small * small);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++)
      result[Math.floor(y / factor) * small + Math.floor(x / factor)]! += values[y * side + x]!;
  }
  for (let i = 0; i < result.length; i++) result[i]! /= factor * factor;
  return result;
}
