/**
 * Filters that a test forgery applies to one region of a picture: Gaussian blur, median, and geometric resampling.
 * Each reads the untouched picture (mirrored at its borders) and writes only inside the region.
 */
import type { RgbImage } from '#engine/ports.ts';
import { forEachPixel, type Region } from './forgery-region.ts';

/** An index mirrored into [0, n): -1 becomes 0, n becomes n - 1. */
function mirror(i: number, n: number): number {
  const period = 2 * n;
  const at = ((i % period) + period) % period;
  return at < n ? at : period - 1 - at;
}

/** Gaussian blur of the region; sigma in pixels. */
export function blurInto(out: RgbImage, source: RgbImage, region: Region, sigma: number): void {
  const { box } = region;
  const { width, height, data } = source;
  const radius = Math.ceil(3 * sigma);
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const sum = kernel.reduce((a, b) => a + b);
  const rows = box.height + 2 * radius;
  // Horizontal pass over the rows that the vertical pass will need: [rows, box.width, 3]
  const across = new Float32Array(rows * box.width * 3);
  for (let r = 0; r < rows; r++) {
    const line = mirror(box.y + r - radius, height) * width;
    for (let x = 0; x < box.width; x++)
      for (let t = 0; t < kernel.length; t++) {
        const from = (line + mirror(box.x + x + t - radius, width)) * 3;
        const to = (r * box.width + x) * 3;
        for (let c = 0; c < 3; c++) across[to + c]! += (kernel[t]! / sum) * data[from + c]!;
      }
  }
  forEachPixel(region, (x, y, index) => {
    for (let c = 0; c < 3; c++) {
      let value = 0;
      for (let t = 0; t < kernel.length; t++)
        value += (kernel[t]! / sum) * across[((y - box.y + t) * box.width + x - box.x) * 3 + c]!;
      out.data[index * 3 + c] = Math.min(255, Math.round(value));
    }
  });
}

/** Median of each channel over (2 radius + 1)^2 pixels, inside the region. */
export function medianInto(out: RgbImage, source: RgbImage, region: Region, radius: number): void {
  const { width, height, data } = source;
  const window = new Uint8Array((2 * radius + 1) ** 2);
  forEachPixel(region, (x, y, index) => {
    for (let c = 0; c < 3; c++) {
      let n = 0;
      for (let dy = -radius; dy <= radius; dy++)
        for (let dx = -radius; dx <= radius; dx++)
          window[n++] = data[(mirror(y + dy, height) * width + mirror(x + dx, width)) * 3 + c]!;
      out.data[index * 3 + c] = window.sort()[window.length >> 1]!;
    }
  });
}

/** Catmull-Rom weights of the four neighbours at t in [0, 1) past the second one. */
const cubic = (t: number): [number, number, number, number] => [
  ((2 - t) * t - 1) * t * 0.5,
  ((3 * t - 5) * t * t + 2) * 0.5,
  ((4 - 3 * t) * t + 1) * t * 0.5,
  (t - 1) * t * t * 0.5,
];
const linear = (t: number): [number, number, number, number] => [0, 1 - t, t, 0];

/**
 * The region's content scaled by `scale` and turned by `angle` (radians) about the middle of its box, and put back under
 * the same outline. Bicubic (Catmull-Rom) or bilinear.
 */
export function resampleInto(
  out: RgbImage,
  source: RgbImage,
  region: Region,
  { scale, angle, kernel }: { scale: number; angle: number; kernel: 'bilinear' | 'bicubic' },
): void {
  const { width, height, data } = source;
  const centreX = region.box.x + region.box.width / 2;
  const centreY = region.box.y + region.box.height / 2;
  const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
  const weights = kernel === 'bicubic' ? cubic : linear;
  forEachPixel(region, (x, y, index) => {
    const dx = x + 0.5 - centreX;
    const dy = y + 0.5 - centreY;
    const fromX = cos * dx + sin * dy + centreX - 0.5;
    const fromY = -sin * dx + cos * dy + centreY - 0.5;
    const [x0, y0] = [Math.floor(fromX), Math.floor(fromY)];
    const [wx, wy] = [weights(fromX - x0), weights(fromY - y0)];
    for (let c = 0; c < 3; c++) {
      let value = 0;
      for (let j = 0; j < 4; j++) {
        const line = mirror(y0 + j - 1, height) * width;
        for (let i = 0; i < 4; i++)
          value += wy[j]! * wx[i]! * data[(line + mirror(x0 + i - 1, width)) * 3 + c]!;
      }
      out.data[index * 3 + c] = Math.max(0, Math.min(255, Math.round(value)));
    }
  });
}
