/**
 * What can have happened to a picture as a whole: tone, noise, a small random linear filter, an earlier JPEG generation off the
 * grid, another size. Plain pixel arrays; none of the operations that detectors are tested with is among them.
 */
import type { JpegCodec, RgbImage } from '../ports.ts';
import type { Random } from '../random.ts';
import { cut, toByte } from './crops.ts';

const mapValues = (image: RgbImage, value: (level: number, channel: number) => number): RgbImage => ({
  ...image,
  data: Uint8Array.from(image.data, (level, i) => toByte(value(level, i % 3))),
});

/** Gamma, gain and offset, a little different in each channel; half of the time with another saturation. */
function toned(image: RgbImage, random: Random): RgbImage {
  const gamma = Math.exp(random.uniform(-0.4, 0.4));
  const gain = [0, 1, 2].map(() => random.uniform(0.88, 1.12));
  const offset = random.uniform(-12, 12);
  const saturation = random.uniform() < 0.5 ? 1 : random.uniform(0.5, 1.5);
  const { data } = image;
  return {
    ...image,
    data: Uint8Array.from(data, (level, i) => {
      const pixel = i - (i % 3);
      const grey = 0.299 * data[pixel]! + 0.587 * data[pixel + 1]! + 0.114 * data[pixel + 2]!;
      const v = Math.min(255, Math.max(0, grey + saturation * (level - grey)));
      return toByte(255 * (v / 255) ** gamma * gain[i % 3]! + offset);
    }),
  };
}

function noisy(image: RgbImage, random: Random): RgbImage {
  const sigma = Math.exp(random.uniform(Math.log(1.5), Math.log(8)));
  return mapValues(image, (level) => level + random.normal(0, sigma));
}

/** A random filter of 3x3 or 5x5 taps whose sum is one: it softens, or, when it is taken away from twice the picture, sharpens. */
function filtered(image: RgbImage, random: Random): RgbImage {
  const radius = 1 + random.integer(2);
  const size = 2 * radius + 1;
  const sharpness = random.uniform(0.5, 3);
  const taps = Array.from({ length: size * size }, () => random.uniform() ** sharpness);
  const sum = taps.reduce((a, b) => a + b, 0);
  const strength = random.uniform() < 0.65 ? random.uniform(0.4, 1) : random.uniform(-1.2, -0.4);
  const { width, height, data } = image;
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let [r, g, b] = [0, 0, 0];
      for (let dy = -radius, t = 0; dy <= radius; dy++) {
        const row = Math.min(height - 1, Math.max(0, y + dy)) * width;
        for (let dx = -radius; dx <= radius; dx++, t++) {
          const p = (row + Math.min(width - 1, Math.max(0, x + dx))) * 3;
          const w = taps[t]!;
          r += w * data[p]!;
          g += w * data[p + 1]!;
          b += w * data[p + 2]!;
        }
      }
      const p = (y * width + x) * 3;
      out[p] = toByte(data[p]! + strength * (r / sum - data[p]!));
      out[p + 1] = toByte(data[p + 1]! + strength * (g / sum - data[p + 1]!));
      out[p + 2] = toByte(data[p + 2]! + strength * (b / sum - data[p + 2]!));
    }
  return { width, height, data: out };
}

/** Coded as JPEG with its block grid off the crop's own. The rim of up to 7 pixels repeats the border. */
async function coded(image: RgbImage, random: Random, codec: JpegCodec): Promise<RgbImage> {
  const [left, top] = [1 + random.integer(7), random.integer(8)];
  const { width, height, data } = image;
  const padded = {
    width: width + 8,
    height: height + 8,
    data: new Uint8Array((width + 8) * (height + 8) * 3),
  };
  for (let y = 0; y < padded.height; y++)
    for (let x = 0; x < padded.width; x++) {
      const sx = Math.min(width - 1, Math.max(0, x - left));
      const sy = Math.min(height - 1, Math.max(0, y - top));
      const from = (sy * width + sx) * 3;
      padded.data.set(data.subarray(from, from + 3), (y * padded.width + x) * 3);
    }
  const quality = 40 + random.integer(46);
  return cut(
    await codec.roundTrip(padded, { quality, chromaSubsampling: random.uniform() < 0.5 ? '4:2:0' : '4:4:4' }),
    left,
    top,
    width,
    height,
  );
}

/** One change of the whole picture, of a kind drawn at random. Same size. */
export async function changed(image: RgbImage, random: Random, codec: JpegCodec): Promise<RgbImage> {
  const kind = random.uniform();
  if (kind < 0.5) return filtered(image, random);
  if (kind < 0.65) return toned(image, random);
  if (kind < 0.8) return noisy(image, random);
  return coded(image, random, codec);
}

/** Weights of a triangle filter for each place of a new row: as wide as the step, so that reducing averages. */
function triangleTaps(from: number, to: number): { first: number; weights: number[] }[] {
  const step = from / to;
  const reach = Math.max(1, step);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * step - 0.5;
    const first = Math.max(0, Math.ceil(centre - reach));
    const last = Math.min(from - 1, Math.floor(centre + reach));
    const weights: number[] = [];
    for (let j = first; j <= last; j++) weights.push(Math.max(0, 1 - Math.abs(j - centre) / reach));
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((w) => w / sum) };
  });
}

/** A picture in another size, by a triangle filter in each direction. */
export function resampled({ width, height, data }: RgbImage, newWidth: number, newHeight: number): RgbImage {
  const across = triangleTaps(width, newWidth);
  const down = triangleTaps(height, newHeight);
  const rows = new Float32Array(newWidth * height * 3);
  for (let y = 0; y < height; y++)
    across.forEach(({ first, weights }, x) => {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let t = 0; t < weights.length; t++) sum += weights[t]! * data[(y * width + first + t) * 3 + c]!;
        rows[(y * newWidth + x) * 3 + c] = sum;
      }
    });
  const out = new Uint8Array(newWidth * newHeight * 3);
  down.forEach(({ first, weights }, y) => {
    for (let i = 0; i < newWidth * 3; i++) {
      let sum = 0;
      for (let t = 0; t < weights.length; t++) sum += weights[t]! * rows[(first + t) * newWidth * 3 + i]!;
      out[y * newWidth * 3 + i] = toByte(sum);
    }
  });
  return { width: newWidth, height: newHeight, data: out };
}
