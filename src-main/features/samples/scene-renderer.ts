/**
 * Sample scenes: camera-like pictures for which no photographs are needed. They let `demo` and the tests work with
 * nothing but the checkout. They are not photographs, and say so in their metadata; what a detector learns from them says
 * little about real ones.
 */
import sharp from 'sharp';
import { renderedNotice } from '#compute/decoding/rendered-notice.ts';
import { AppError } from '#contract/errors.ts';
import { Random } from '#engine/random.ts';
import { cameras, openCamera } from './camera.ts';
import { drawTexture, newCanvas } from './scene-canvas.ts';
import { paintFacade } from './scenes/facade.ts';
import { paintFoliage } from './scenes/foliage.ts';
import { paintLandscape } from './scenes/landscape.ts';
import { paintStillLife } from './scenes/still-life.ts';

export interface SceneRequest {
  count: number;
  /** The same seed gives the same pixels, bit for bit. */
  seed: number;
  /** Pixels; 480 x 320 where none are named. At least 64 on each side. */
  width?: number;
  height?: number;
}
export interface RenderedScene {
  /** A file name, unique within the request. */
  name: string;
  /** A JPEG file. */
  bytes: Uint8Array;
  /** Which rendered camera took it. */
  camera: string;
}

const kinds = {
  landscape: paintLandscape,
  'still-life': paintStillLife,
  facade: paintFacade,
  foliage: paintFoliage,
};

/**
 * Renders scenes one after the other; kinds and cameras take turns in a shuffled order.
 * @throws AppError `invalid_input` where a side is below 64 pixels or the count is not a whole number
 */
export async function* renderScenes({
  count,
  seed,
  width = 480,
  height = 320,
}: SceneRequest): AsyncGenerator<RenderedScene> {
  if (!Number.isInteger(width) || !Number.isInteger(height) || Math.min(width, height) < 64)
    throw new AppError(
      'invalid_input',
      `A scene of ${width} x ${height} pixels cannot be rendered: 64 is the least.`,
    );
  if (!Number.isInteger(count) || count < 0)
    throw new AppError('invalid_input', `${count} is not a number of scenes.`);
  const bodies = cameras.map((camera) => ({ camera, expose: openCamera(camera, width, height) }));
  const root = new Random(`scenes ${seed}`);
  for (let index = 0; index < count; index++) {
    const random = root.fork(String(index));
    const [kind, paintScene] = random.pick(Object.entries(kinds));
    const { camera, expose } = bodies[index % bodies.length]!;
    const canvas = newCanvas(width, height);
    paintScene({ canvas, random, textures: [drawTexture(random), drawTexture(random)] });
    const { data } = expose(canvas, random.fork('sensor'));
    const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg(camera.jpeg)
      .withExif({ IFD0: { ImageDescription: renderedNotice, Software: 'Pentimento', Model: camera.name } })
      .toBuffer();
    const name = `${kind}-${seed}-${String(index).padStart(4, '0')}-${camera.name}.jpg`;
    yield { name, bytes: new Uint8Array(bytes), camera: camera.name };
  }
}
