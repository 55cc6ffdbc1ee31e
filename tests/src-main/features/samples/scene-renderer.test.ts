import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { renderedNotice } from '#compute/decoding/rendered-notice.ts';
import { renderScenes, type RenderedScene } from '#features/samples/scene-renderer.ts';

const collect = async (request: Parameters<typeof renderScenes>[0]): Promise<RenderedScene[]> => {
  const scenes: RenderedScene[] = [];
  for await (const scene of renderScenes(request)) scenes.push(scene);
  return scenes;
};
const grey = async (scene: RenderedScene): Promise<Float64Array> =>
  Float64Array.from(await sharp(scene.bytes).extractChannel(1).raw().toBuffer());

const size = { width: 240, height: 160 };

/** What is left of a picture when the mean of the four neighbours is taken away; large values are edges, not noise. */
function residual(picture: Float64Array): Float64Array {
  const { width, height } = size;
  const out = new Float64Array(picture.length);
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const around = (picture[i - 1]! + picture[i + 1]! + picture[i - width]! + picture[i + width]!) / 4;
      // Sensitivity multiplies the light, so brighter places tell more.
      out[i] = Math.max(-6, Math.min(6, picture[i]! - around)) * Math.sqrt(picture[i]! / 255);
    }
  return out;
}
const meanOf = (pictures: Float64Array[]): Float64Array =>
  pictures[0]!.map((_, i) => pictures.reduce((sum, picture) => sum + picture[i]!, 0) / pictures.length);
function correlation(a: Float64Array, b: Float64Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  return ab / Math.sqrt(aa * bb);
}

describe('rendered scenes', () => {
  let scenes: RenderedScene[];
  beforeAll(async () => {
    scenes = await collect({ count: 64, seed: 1, ...size });
  });

  test('the same seed gives the same pixels bit for bit, another seed others', async () => {
    const [again, other] = [
      await collect({ count: 3, seed: 1, ...size }),
      await collect({ count: 3, seed: 2, ...size }),
    ];
    for (const [i, scene] of again.entries()) {
      expect(scene).toEqual(scenes[i]);
      expect(await grey(other[i]!)).not.toEqual(await grey(scene));
    }
  });

  test('each is a JPEG of the size asked for, named uniquely, and says that it was rendered', async () => {
    expect(new Set(scenes.map(({ name }) => name)).size).toBe(scenes.length);
    expect(new Set(scenes.map(({ camera }) => camera)).size).toBeGreaterThanOrEqual(3);
    for (const scene of scenes.slice(0, 4)) {
      const metadata = await sharp(scene.bytes).metadata();
      expect(metadata).toMatchObject({ format: 'jpeg', ...size });
      expect(metadata.exif?.includes(renderedNotice)).toBe(true);
    }
  });

  test('none is blank: light and detail vary as they do in photographs', async () => {
    for (const scene of scenes) {
      const { channels, entropy } = await sharp(scene.bytes).stats();
      expect(entropy, scene.name).toBeGreaterThan(5);
      for (const channel of channels) expect(channel.stdev, scene.name).toBeGreaterThan(6);
      const brightness = channels.reduce((sum, { mean }) => sum + mean / 3, 0);
      expect(brightness, scene.name).toBeGreaterThan(20);
      expect(brightness, scene.name).toBeLessThan(235);
    }
  });

  test('scenes of one camera share its fixed pattern, and cameras do not share theirs', async () => {
    const residuals = await Promise.all(scenes.map(async (scene) => residual(await grey(scene))));
    const cameras = [...new Set(scenes.map(({ camera }) => camera))];
    const half = (camera: string, odd: number): Float64Array => {
      const own = residuals.filter((_, i) => scenes[i]!.camera === camera);
      return meanOf(own.filter((_, i) => i % 2 === odd));
    };
    for (const camera of cameras) {
      const within = correlation(half(camera, 0), half(camera, 1));
      const across = cameras
        .filter((other) => other !== camera)
        .map((other) => correlation(half(camera, 0), half(other, 1)));
      expect(within, camera).toBeGreaterThan(0.04);
      expect(within, camera).toBeGreaterThan(2 * Math.max(...across));
    }
  });

  test('a size below 64 pixels is refused', async () => {
    await expect(collect({ count: 1, seed: 0, width: 63, height: 200 })).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });
});
