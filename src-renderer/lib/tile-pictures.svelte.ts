/** The tiles of one original on this page: fetched as they are needed, a bounded number kept, coarser ones shown meanwhile. */
import { AppError, errorData } from '#contract/errors.ts';
import { tileLevels, tileSide, type TilePlace } from '#contract/media.ts';
import { tileUrl } from './media.ts';
import { sharedText } from './text/shared.ts';

/** About 200 MB of pixels. */
const KEPT = 200;
const AT_ONCE = 6;

export type Box = { left: number; top: number; right: number; bottom: number };
type Wanted = TilePlace & { key: string };

export class TilePictures {
  /** Grows when a tile has come; read it where tiles are drawn. */
  revision = $state(0);
  error = $state.raw<AppError | null>(null);
  readonly #hash: string;
  readonly #width: number;
  readonly #height: number;
  readonly levels: number;
  #tiles: Record<string, ImageBitmap> = {};
  /** Keys of the tiles that are kept, the one used longest ago first. */
  #used: string[] = [];
  #queue: Wanted[] = [];
  readonly #running: Record<string, true> = {};
  readonly #abort = new AbortController();

  constructor(hash: string, { width, height }: { width: number; height: number }) {
    this.#hash = hash;
    this.#width = width;
    this.#height = height;
    this.levels = tileLevels(width, height);
    // The host begins to decode while the page is laid out.
    this.#ask(this.#within({ left: 0, top: 0, right: width, bottom: height }, this.levels - 1));
  }

  /** The level whose pixels are at least as fine as the screen's. */
  levelFor(devicePixelsPerPixel: number): number {
    const level = Math.floor(Math.log2(1 / devicePixelsPerPixel) + 0.01);
    return Math.min(Math.max(level, 0), this.levels - 1);
  }

  /** Draws what is seen, in the picture's pixels: the coarsest level first, each finer one over it as far as it is there. */
  draw(context: CanvasRenderingContext2D, seen: Box, level: number): void {
    void this.revision;
    const wanted: Wanted[] = [];
    for (let at = this.levels - 1; at >= level; at--) {
      const places = this.#within(seen, at);
      // Between the coarsest level and the wanted one, what is there helps, and nothing is asked for.
      const asked = at === level || at === this.levels - 1;
      for (const place of places) {
        const tile = this.#tiles[place.key];
        if (tile) this.#draw(context, tile, place);
        else if (asked) wanted.push(place);
      }
    }
    this.#ask(wanted);
  }

  /** The stored colour of a pixel; undefined until its tile has come. */
  pixel(x: number, y: number): [number, number, number] | undefined {
    void this.revision;
    const place = { level: 0, x: Math.floor(x / tileSide), y: Math.floor(y / tileSide) };
    const tile = this.#tiles[keyOf(place)];
    if (!tile) {
      this.#ask([...this.#queue, { ...place, key: keyOf(place) }]);
      return undefined;
    }
    const canvas = new OffscreenCanvas(1, 1);
    const context = canvas.getContext('2d');
    context?.drawImage(tile, -(x % tileSide), -(y % tileSide));
    const data = context?.getImageData(0, 0, 1, 1).data;
    return data && [data[0] ?? 0, data[1] ?? 0, data[2] ?? 0];
  }

  /** Whether all tiles of what is seen have come. */
  complete(seen: Box, level: number): boolean {
    void this.revision;
    return this.#within(seen, level).every((place) => this.#tiles[place.key] !== undefined);
  }

  /** Whether at least one of them has come. */
  begun(seen: Box, level: number): boolean {
    void this.revision;
    return this.#within(seen, level).some((place) => this.#tiles[place.key] !== undefined);
  }

  dispose(): void {
    this.#abort.abort();
    this.#queue = [];
    for (const tile of Object.values(this.#tiles)) tile.close();
    this.#tiles = {};
    this.#used = [];
  }

  #within({ left, top, right, bottom }: Box, level: number): Wanted[] {
    const span = tileSide * 2 ** level;
    const places: Wanted[] = [];
    const lastX = Math.min(Math.ceil(right / span), Math.ceil(this.#width / span)) - 1;
    const lastY = Math.min(Math.ceil(bottom / span), Math.ceil(this.#height / span)) - 1;
    for (let y = Math.max(0, Math.floor(top / span)); y <= lastY; y++)
      for (let x = Math.max(0, Math.floor(left / span)); x <= lastX; x++)
        places.push({ level, x, y, key: keyOf({ level, x, y }) });
    return places;
  }

  #draw(context: CanvasRenderingContext2D, tile: ImageBitmap, { level, x, y, key }: Wanted): void {
    const size = 2 ** level;
    context.drawImage(
      tile,
      ...([x * tileSide * size, y * tileSide * size] as const),
      ...([
        Math.min(tile.width * size, this.#width - x * tileSide * size),
        Math.min(tile.height * size, this.#height - y * tileSide * size),
      ] as const),
    );
    this.#used = [...this.#used.filter((other) => other !== key), key];
  }

  #ask(wanted: Wanted[]): void {
    this.#queue = wanted.filter(({ key }) => !this.#running[key]);
    this.#proceed();
  }

  #proceed(): void {
    while (Object.keys(this.#running).length < AT_ONCE) {
      const next = this.#queue.shift();
      if (!next) return;
      this.#running[next.key] = true;
      void this.#fetch(next).finally(() => {
        delete this.#running[next.key];
        this.#proceed();
      });
    }
  }

  async #fetch(place: Wanted): Promise<void> {
    const { signal } = this.#abort;
    try {
      const answer = await fetch(tileUrl(this.#hash, place), { credentials: 'same-origin', signal });
      if (!answer.ok) throw await failure(answer);
      const bitmap = await createImageBitmap(await answer.blob(), {
        colorSpaceConversion: 'none',
        premultiplyAlpha: 'none',
      });
      if (signal.aborted) return bitmap.close();
      this.#tiles[place.key] = bitmap;
      this.#used.push(place.key);
      while (this.#used.length > KEPT) this.#forget(this.#used.shift());
      this.error = null;
      this.revision += 1;
    } catch (cause) {
      if (!signal.aborted) this.error = AppError.from(cause);
    }
  }

  #forget(key: string | undefined): void {
    if (key === undefined) return;
    this.#tiles[key]?.close();
    delete this.#tiles[key];
  }
}

const keyOf = ({ level, x, y }: TilePlace): string => `${level}/${x}/${y}`;

async function failure(answer: Response): Promise<AppError> {
  const said: unknown = await answer.json().catch(() => null);
  const known = errorData.safeParse((said as { error?: unknown } | null)?.error);
  return known.success
    ? AppError.fromData(known.data)
    : new AppError('file_not_found', sharedText.pictureMissing(answer.status));
}
