/** The directories of a TIFF structure (TIFF 6.0), in a TIFF file or an EXIF block. It reads only within its bytes and never throws. */
import { TiffValues } from '#compute/decoding/tiff-values.ts';
import type { ContainerNode } from './container-node.ts';

export interface TiffEntry {
  tag: number;
  type: number;
  count: number;
  /** Where its values lie. */
  at: number;
}

export interface TiffDirectory {
  /** `IFD0`, `IFD1`, `Exif`, `GPS`, `Interop`, `SubIFD`. */
  name: string;
  offset: number;
  entries: TiffEntry[];
}

const valueSizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
const subDirectories: Record<number, string> = {
  0x8769: 'Exif',
  0x8825: 'GPS',
  0xa005: 'Interop',
  0x14a: 'SubIFD',
};
const mostDirectories = 100;
const mostEntries = 2000;

export class TiffReader extends TiffValues {
  readonly directories: TiffDirectory[] = [];
  problem: string | null = null;

  constructor(bytes: Buffer) {
    super(bytes);
    const magic = this.u16(2);
    if (bytes.length < 8 || (bytes[0] !== 0x49 && bytes[0] !== 0x4d) || magic !== 42)
      this.problem =
        magic === 43 ? 'BigTIFF cannot be followed.' : 'It does not begin as a TIFF structure does.';
    else this.#chain(this.u32(4));
  }

  /** The first value of an entry as a number; null where there is none. */
  number(directory: string, tag: number): number | null {
    const entry = this.directories
      .find(({ name }) => name === directory)
      ?.entries.find((one) => one.tag === tag);
    if (!entry || entry.count < 1) return null;
    if (entry.type === 3) return this.u16(entry.at);
    return entry.type === 4 || entry.type === 13 ? this.u32(entry.at) : null;
  }

  /** As nodes, with offsets from `base` on. */
  nodes(base: number): ContainerNode[] {
    return this.directories.map(({ name, offset, entries }) => ({
      ...{ name, offset: base + offset, size: 2 + 12 * entries.length + 4 },
      children: entries.map(({ tag, count, type, at }) => ({
        name: `0x${tag.toString(16).padStart(4, '0')}`,
        ...{ offset: base + at, size: (valueSizes[type] ?? 0) * count },
      })),
    }));
  }

  #chain(first: number): void {
    let offset = first;
    for (let i = 0; offset !== 0; i++) offset = this.#directory(offset, `IFD${i}`);
  }

  /** Reads a directory and those that it points to; answers with the offset of the next, 0 where there is none. */
  #directory(offset: number, name: string): number {
    if (this.directories.some((one) => one.offset === offset)) {
      this.problem ??= 'A directory points back to one that was read.';
      return 0;
    }
    const count = this.u16(offset);
    if (
      offset + 2 + 12 * count > this.bytes.length ||
      count > mostEntries ||
      this.directories.length >= mostDirectories
    ) {
      this.problem ??= `The directory ${name} at byte ${offset} cannot be read.`;
      return 0;
    }
    const entries: TiffEntry[] = [];
    this.directories.push({ name, offset, entries });
    for (let at = offset + 2; at < offset + 2 + 12 * count; at += 12) {
      const [tag, type, values] = [this.u16(at), this.u16(at + 2), this.u32(at + 4)];
      const size = (valueSizes[type] ?? 0) * values;
      const place = size <= 4 ? at + 8 : this.u32(at + 8);
      if (place + size > this.bytes.length) this.problem ??= `A value of ${name} lies beyond the end.`;
      entries.push({ tag, type, count: values, at: place });
      const sub = subDirectories[tag];
      if (sub === undefined) continue;
      if (values === 1) this.#directory(this.u32(at + 8), sub);
      else for (let i = 0; i < Math.min(values, 16); i++) this.#directory(this.u32(place + 4 * i), sub);
    }
    return this.u32(offset + 2 + 12 * count);
  }
}
