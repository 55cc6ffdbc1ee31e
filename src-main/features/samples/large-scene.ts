/** A rendered scene as large as a photograph, for benchmarks: enlarged, with noise, saved as JPEG of quality 90. */
import sharp from 'sharp';
import { Random } from '#engine/random.ts';
import { renderScenes } from './scene-renderer.ts';

export async function largeScene(width: number, height: number, seed: number): Promise<Buffer> {
  const random = new Random(`analysis benchmark ${seed}`);
  for await (const { bytes } of renderScenes({ count: 1, seed, width: 750, height: 500 })) {
    const pixels = await sharp(bytes).resize(width, height, { fit: 'fill' }).raw().toBuffer();
    for (let i = 0; i < pixels.length; i += 3) {
      const noise = random.integer(9) - 4;
      for (let channel = i; channel < i + 3; channel++)
        pixels[channel] = Math.max(0, Math.min(255, pixels[channel]! + noise));
    }
    return sharp(pixels, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 90 })
      .toBuffer();
  }
  throw new Error('no scene was rendered');
}
