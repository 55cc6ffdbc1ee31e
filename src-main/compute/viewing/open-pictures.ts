/**
 * Originals that are looked at, at full resolution and at halved ones, kept in memory up to a bound. Level 0 is what detection
 * reads, pixel for pixel, and the only one that values are told from. Levels 1 and 2 of a JPEG come from its file without the
 * whole being decoded, so that a large photograph is on screen soon; every other level is halved from the one before. What a
 * level looks like never depends on what was asked for before.
 */
import sharp from 'sharp';
import { AppError } from '#contract/errors.ts';
import { tileLevels, tileSide } from '#contract/media.ts';
import type { RgbImage } from '#engine/ports.ts';
import { BoundedCache } from '../bounded-cache.ts';
import { decodeProbed, probePhotograph, type PhotographFacts } from '../decoding/decode-photograph.ts';
import { hashOfFile } from '../verify-file.ts';

export interface Original {
  file: string;
  /** What errors call it. */
  name: string;
  sha256: string;
}
/** The levels that were asked for; 0 is the original. */
type Opened = { facts: PhotographFacts; levels: (RgbImage | undefined)[] };

export class OpenPictures {
  readonly #opened: BoundedCache<Opened>;
  /** Pictures that are being opened, and levels that are being made. */
  readonly #working = new Map<string, Promise<unknown>>();

  /** @param keep bytes of pixels that may be kept; it may change */
  constructor(keep: () => number) {
    this.#opened = new BoundedCache(keep);
  }

  get keptBytes(): number {
    return this.#opened.bytes;
  }

  /**
   * A level of the picture, and how many pixels the whole has; null where it has no such level. The file is hashed again
   * whenever it is decoded.
   * @throws AppError `evidence_missing`; `evidence_changed` where the file is not what its hash says; those of `decodePhotograph`
   */
  async level(original: Original, level: number): Promise<{ pixels: number; image: RgbImage } | null> {
    const { sha256, file, name } = original;
    const opened =
      this.#opened.get(sha256) ??
      (await this.#once(sha256, async () => {
        const facts = await proven(original, () => probePhotograph(file, { name }));
        const fresh: Opened = { facts, levels: [] };
        this.#opened.set(sha256, fresh, 0);
        return fresh;
      }));
    const { width, height } = opened.facts;
    if (level >= tileLevels(width, height)) return null;
    return { pixels: width * height, image: await this.#level(original, opened, level) };
  }

  async #level(original: Original, opened: Opened, level: number): Promise<RgbImage> {
    const known = opened.levels[level];
    if (known) return known;
    return this.#once(`${original.sha256}/${level}`, async () => {
      const image = await this.#make(original, opened, level);
      opened.levels[level] = image;
      const bytes = opened.levels.reduce((sum, one) => sum + (one?.data.length ?? 0), 0);
      this.#opened.set(original.sha256, opened, bytes);
      return image;
    });
  }

  async #make(original: Original, opened: Opened, level: number): Promise<RgbImage> {
    const { facts } = opened;
    const smaller = ([1, 2, 4] as const)[level];
    if (smaller !== undefined && (level === 0 || facts.format === 'jpeg'))
      return proven(original, () => decodeProbed(original.file, facts, original.name, smaller));
    return halved(await this.#level(original, opened, level - 1));
  }

  /** Several who ask for the same at once wait for one answer. */
  async #once<T>(key: string, work: () => Promise<T>): Promise<T> {
    const running = this.#working.get(key) as Promise<T> | undefined;
    if (running) return running;
    const begun = work().finally(() => this.#working.delete(key));
    this.#working.set(key, begun);
    return begun;
  }
}

/** What was read of the file, if its bytes are those that its hash says. */
async function proven<T>({ file, name, sha256 }: Original, read: () => Promise<T>): Promise<T> {
  const [hash, found] = await Promise.allSettled([hashOfFile(file), read()]);
  if (hash.status === 'rejected')
    throw new AppError('evidence_missing', `The original of ${name} cannot be read.`, { cause: hash.reason });
  if (hash.value !== sha256)
    throw new AppError(
      'evidence_changed',
      `The original of ${name} is changed: its bytes now have the SHA-256 ${hash.value}.`,
    );
  if (found.status === 'rejected') throw found.reason;
  return found.value;
}

async function halved(image: RgbImage): Promise<RgbImage> {
  const [width, height] = [Math.ceil(image.width / 2), Math.ceil(image.height / 2)];
  const data = await sharp(image.data, rawInput(image))
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
  return { width, height, data };
}

/** One of the tiles of a level, as PNG; null where it lies beyond the edge. */
export async function cutTile(image: RgbImage, { x, y }: { x: number; y: number }): Promise<Buffer | null> {
  const [left, top] = [x * tileSide, y * tileSide];
  if (left >= image.width || top >= image.height) return null;
  const [width, height] = [Math.min(tileSide, image.width - left), Math.min(tileSide, image.height - top)];
  return sharp(image.data, rawInput(image))
    .extract({ left, top, width, height })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

const rawInput = ({ width, height }: RgbImage) => ({
  raw: { width, height, channels: 3 as const },
  limitInputPixels: false,
});
