/**
 * Decoded pictures in memory, under a bound of bytes. What was not used for longest goes first and is decoded again when it is
 * asked for, so that the bound decides how long a training takes and never what it sees.
 */
import { defaultCacheMegabytes } from '#contract/training-run.ts';
import type { RgbImage } from '#engine/ports.ts';

interface Entry {
  image: Promise<RgbImage>;
  /** 0 until it is decoded. */
  bytes: number;
}

export class PixelCache {
  readonly #bound: number;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  /** @param megabytes of decoded pixels, in units of 2^20 bytes */
  constructor(megabytes: number = defaultCacheMegabytes) {
    this.#bound = megabytes * 2 ** 20;
  }

  /** Bytes of pixels that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The picture of that name, made where it is not kept. Its memory is shared between threads: handing it to another one
   * copies nothing, and nobody may write to it.
   */
  read(name: string, decode: () => Promise<RgbImage>): Promise<RgbImage> {
    const entry = this.#entries.get(name) ?? this.#begin(name, decode);
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    return entry.image;
  }

  #begin(name: string, decode: () => Promise<RgbImage>): Entry {
    const entry: Entry = { image: decode().then(shared), bytes: 0 };
    entry.image.then(
      ({ data }) => this.#account(entry, data.byteLength),
      () => this.#entries.delete(name),
    );
    return entry;
  }

  #account(entry: Entry, bytes: number): void {
    entry.bytes = bytes;
    this.#bytes += bytes;
    for (const [name, oldest] of this.#entries) {
      if (this.#bytes <= this.#bound) return;
      if (oldest.bytes === 0) continue;
      this.#entries.delete(name);
      this.#bytes -= oldest.bytes;
    }
  }
}

function shared({ width, height, data }: RgbImage): RgbImage {
  const copy = new Uint8Array(new SharedArrayBuffer(data.byteLength));
  copy.set(data);
  return { width, height, data: copy };
}
