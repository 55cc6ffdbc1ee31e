/**
 * Originals as tiles, at full resolution and halved again and again, so that a picture of any size can be looked at as its
 * pixels are. Tiles are lossless, and their pixels are those that detection reads. A file is hashed before it is shown: what
 * is on screen is what was taken in, or nothing is. Decoded pictures and tiles are kept in memory up to a bound; nothing
 * is written.
 */
import sharp from 'sharp';
import { AppError } from '#contract/errors.ts';
import { tileLevels, tileSide, type TilePlace } from '#contract/media.ts';
import { decodePhotograph } from '#compute/decoding/decode-photograph.ts';
import type { RgbImage } from '#engine/ports.ts';
import { hashFile } from '#storage/hash-file.ts';
import { BoundedCache } from './bounded-cache.ts';

/** Where the original with a hash lies, and what a person knows it by; null where there is none. */
export type LocateOriginal = (sha256: string) => Promise<{ path: string; name: string } | null>;

/** The picture at each level that was asked for; 0 is the original. */
type Pyramid = (RgbImage | undefined)[];

/** Of all that may be held, the share of tiles; the rest is that of decoded pictures. */
const tileShare = 1 / 7;

export class PictureTiles {
  readonly #locate: LocateOriginal;
  readonly #pictures: BoundedCache<Pyramid>;
  readonly #tiles: BoundedCache<Uint8Array>;
  /** Pictures that are being decoded, and levels that are being made. */
  readonly #working = new Map<string, Promise<unknown>>();

  /** @param limit of what is held, in bytes; it may change */
  constructor(locate: LocateOriginal, limit: () => number) {
    this.#locate = locate;
    this.#pictures = new BoundedCache(() => limit() * (1 - tileShare));
    this.#tiles = new BoundedCache(() => limit() * tileShare);
  }

  /** Bytes that are held in memory: never much more than the bounds. */
  get heldBytes(): number {
    return this.#pictures.bytes + this.#tiles.bytes;
  }

  /**
   * A tile as PNG; null where there is no such picture, or the picture has no such tile.
   * Errors: `evidence_missing`, `evidence_changed` where the file is not what its hash says, those of `decodePhotograph`.
   */
  async tile(sha256: string, place: TilePlace): Promise<Uint8Array | null> {
    const key = `${sha256}/${place.level}/${place.x}/${place.y}`;
    const known = this.#tiles.get(key);
    if (known) return known;
    const pyramid = await this.#once(sha256, () => this.#open(sha256));
    if (!pyramid) return null;
    const [whole] = pyramid;
    if (!whole || place.level >= tileLevels(whole.width, whole.height)) return null;
    const picture = await this.#once(`${sha256}/${place.level}`, () =>
      this.#level(sha256, pyramid, place.level),
    );
    const [left, top] = [place.x * tileSide, place.y * tileSide];
    if (left >= picture.width || top >= picture.height) return null;
    const png = await sharp(picture.data, rawInput(picture))
      .extract({
        left,
        top,
        width: Math.min(tileSide, picture.width - left),
        height: Math.min(tileSide, picture.height - top),
      })
      .png({ compressionLevel: 2 })
      .toBuffer();
    this.#tiles.set(key, png, png.length);
    return png;
  }

  async #open(sha256: string): Promise<Pyramid | null> {
    const known = this.#pictures.get(sha256);
    if (known) return known;
    const original = await this.#locate(sha256);
    if (!original) return null;
    const { path, name } = original;
    const found = await hashFile(path).catch((cause: unknown) => {
      throw new AppError('evidence_missing', `The original of ${name} cannot be read.`, { cause });
    });
    if (found !== sha256)
      throw new AppError(
        'evidence_changed',
        `The original of ${name} is changed: its bytes now have the SHA-256 ${found}.`,
      );
    const { image } = await decodePhotograph(path, { name });
    const pyramid: Pyramid = [image];
    this.#pictures.set(sha256, pyramid, image.data.length);
    return pyramid;
  }

  /** The picture at a level, made from the nearest finer one that there is. */
  async #level(sha256: string, pyramid: Pyramid, level: number): Promise<RgbImage> {
    const known = pyramid[level];
    if (known) return known;
    const [whole] = pyramid as [RgbImage];
    const finer = pyramid.slice(0, level).findLast((one) => one !== undefined) ?? whole;
    const [width, height] = [Math.ceil(whole.width / 2 ** level), Math.ceil(whole.height / 2 ** level)];
    const data = await sharp(finer.data, rawInput(finer))
      .resize(width, height, { fit: 'fill', kernel: 'cubic' })
      .raw()
      .toBuffer();
    const made: RgbImage = { width, height, data };
    pyramid[level] = made;
    const bytes = pyramid.reduce((sum, one) => sum + (one?.data.length ?? 0), 0);
    if (this.#pictures.get(sha256) === pyramid) this.#pictures.set(sha256, pyramid, bytes);
    return made;
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

const rawInput = ({ width, height }: RgbImage) => ({
  raw: { width, height, channels: 3 as const },
  limitInputPixels: false,
});
