/**
 * Originals as tiles, at full resolution and halved again and again, so that a picture of any size can be looked at as its
 * pixels are. Tiles are lossless, and those of full resolution hold the pixels that detection reads. A file is hashed whenever
 * it is decoded: what is on screen is what was taken in, or nothing is. Decoding is another process's work; tiles are kept in
 * memory here and decoded pictures there, up to a bound; nothing is written.
 */
import type { TilePlace } from '#contract/media.ts';
import { BoundedCache } from '#compute/bounded-cache.ts';
import type { Viewer } from '#compute/viewing/viewer.ts';

/** Where the original with a hash lies, and what a person knows it by; null where there is none. */
export type LocateOriginal = (sha256: string) => Promise<{ path: string; name: string } | null>;

/** Of all that may be held, the share of tiles; the rest is that of decoded pictures. */
const tileShare = 1 / 7;
/** After no tile was asked for so long, a person looks at the picture and does not only leaf through. */
const readyAfterMs = 250;

export class PictureTiles {
  readonly #locate: LocateOriginal;
  readonly #viewer: Viewer;
  readonly #limit: () => number;
  readonly #tiles: BoundedCache<Uint8Array>;
  /** The first of the tiles of a level that are asked for at once, which the others wait for, by picture and level. */
  readonly #leading = new Map<string, Promise<Uint8Array | null>>();
  #pictureBytes = 0;
  #readySoon: NodeJS.Timeout | undefined;
  /** The hash of the picture that was made ready last. */
  #ready = '';

  /** @param limit of what is held, in bytes; it may change */
  constructor(locate: LocateOriginal, viewer: Viewer, limit: () => number) {
    this.#locate = locate;
    this.#viewer = viewer;
    this.#limit = limit;
    this.#tiles = new BoundedCache(() => limit() * tileShare);
  }

  /** Bytes that are held in memory, here and by the process that decodes: never much more than the bounds. */
  get heldBytes(): number {
    return this.#tiles.bytes + this.#pictureBytes;
  }

  /** Says that a picture may be opened soon. */
  expect(): void {
    this.#viewer.warm();
  }

  /**
   * A tile as PNG; null where there is no such picture, or the picture has no such tile. Of several at once of one level, the
   * first decodes it for all: a picture that ends its decoder does so once.
   * Errors: as of `Viewer.view`.
   */
  async tile(sha256: string, place: TilePlace): Promise<Uint8Array | null> {
    const key = `${sha256}/${place.level}/${place.x}/${place.y}`;
    const known = this.#tiles.get(key);
    if (known) return known;
    const level = `${sha256}/${place.level}`;
    const leading = this.#leading.get(level);
    if (leading) {
      await leading;
      return this.#tiles.get(key) ?? this.#cut(sha256, place, key);
    }
    const cut = this.#cut(sha256, place, key).finally(() => this.#leading.delete(level));
    this.#leading.set(level, cut);
    return cut;
  }

  async #cut(sha256: string, { level, x, y }: TilePlace, key: string): Promise<Uint8Array | null> {
    const original = await this.#locate(sha256);
    if (!original) return null;
    const keep = this.#limit() * (1 - tileShare);
    const picture = { file: original.path, name: original.name, sha256, keep };
    clearTimeout(this.#readySoon);
    const { png, pixels, kept } = await this.#viewer.view({ ...picture, level, tile: { x, y } });
    this.#pictureBytes = kept;
    if (png) this.#tiles.set(key, png, png.length);
    clearTimeout(this.#readySoon);
    // While a person looks at a picture on the whole, its full resolution is decoded, unless that would not be kept.
    if (level > 0 && pixels !== null && pixels * 3 <= keep)
      this.#readySoon = setTimeout(() => void this.#makeReady(picture), readyAfterMs).unref();
    return png;
  }

  async #makeReady(picture: { file: string; name: string; sha256: string; keep: number }): Promise<void> {
    if (this.#ready === picture.sha256) return;
    this.#ready = picture.sha256;
    try {
      this.#pictureBytes = (await this.#viewer.view({ ...picture, level: 0, tile: null })).kept;
    } catch {
      // Whoever looks that closely is told.
    }
  }
}
