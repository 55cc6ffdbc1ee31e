/** How a JPEG file is coded, read from its header: the quantisation table and the sampling factors (ITU-T T.81, B.2). */
import { open } from 'node:fs/promises';
import { quantisationTable } from '#engine/ops/jpeg-simulation.ts';
import type { JpegCoding } from '#engine/ports.ts';
import { byteSource, type ByteSource } from './file-structure.ts';

const startOfImage = 0xffd8;
const startOfScan = 0xda;
const quantisation = 0xdb;
/** Huffman tables, an extension, and arithmetic conditioning: not frames, though their markers lie between those. */
const notFrames = [0xc4, 0xc8, 0xcc];
/** Indices in row order of the coefficients that a file lists in zigzag order (ITU-T T.81, figure A.6). */
export const zigzag: readonly number[] = Array.from({ length: 64 }, (_, i) => i).sort((a, b) => {
  const [da, db] = [(a >> 3) + (a & 7), (b >> 3) + (b & 7)];
  if (da !== db) return da - db;
  return da % 2 === 0 ? (a & 7) - (b & 7) : (a >> 3) - (b >> 3);
});

interface Header {
  /** In row order, by identifier. */
  tables: Map<number, number[]>;
  components: { horizontal: number; vertical: number; table: number }[];
}

/**
 * The coding of the JPEG file at `path`; null where it is no JPEG. The quality is the one of libjpeg whose luma table comes
 * nearest in the mean absolute difference: exact for files of libjpeg, an estimate for those of cameras and of programs with
 * tables of their own. Any chroma subsampling counts as 4:2:0, and a greyscale file as 4:4:4.
 */
export async function readJpegCoding(path: string): Promise<JpegCoding | null> {
  const file = await open(path);
  try {
    const header = await readHeader(byteSource(file, (await file.stat()).size));
    const [luma, ...chroma] = header?.components ?? [];
    const table = luma && header?.tables.get(luma.table);
    if (!table) return null;
    const subsampled = chroma.some(
      ({ horizontal, vertical }) => horizontal < luma.horizontal || vertical < luma.vertical,
    );
    return { quality: nearestQuality(table), chromaSubsampling: subsampled ? '4:2:0' : '4:4:4' };
  } finally {
    await file.close();
  }
}

/** Everything before the first scan, or null where the file does not begin as a JPEG does. */
async function readHeader(source: ByteSource): Promise<Header | null> {
  const begin = await source.read(0, 2);
  if (begin.length < 2 || begin.readUInt16BE(0) !== startOfImage) return null;
  const header: Header = { tables: new Map(), components: [] };
  for (let position = 2; ;) {
    const marker = await source.read(position, 4);
    if (marker.length < 4 || marker[0] !== 0xff || marker[1] === startOfScan) return header;
    if (marker[1] === 0xff) {
      position += 1; // a fill byte
      continue;
    }
    const kind = marker[1]!;
    const length = marker.readUInt16BE(2);
    const isFrame = kind >= 0xc0 && kind <= 0xcf && !notFrames.includes(kind);
    if (kind === quantisation) readTables(await source.read(position + 4, length - 2), header);
    else if (isFrame) readFrame(await source.read(position + 4, length - 2), header);
    position += 2 + length;
  }
}

function readTables(segment: Buffer, { tables }: Header): void {
  for (let at = 0; at < segment.length;) {
    const bytes = segment[at]! >> 4 === 0 ? 1 : 2;
    const identifier = segment[at]! & 15;
    at += 1;
    if (at + 64 * bytes > segment.length) return;
    const table = new Array<number>(64).fill(0);
    zigzag.forEach((place, i) => (table[place] = segment.readUIntBE(at + i * bytes, bytes)));
    tables.set(identifier, table);
    at += 64 * bytes;
  }
}

function readFrame(segment: Buffer, { components }: Header): void {
  for (let at = 6; at + 3 <= segment.length; at += 3)
    components.push({
      horizontal: segment[at + 1]! >> 4,
      vertical: segment[at + 1]! & 15,
      table: segment[at + 2]!,
    });
}

function nearestQuality(table: readonly number[]): number {
  let best = { quality: 1, difference: Infinity };
  for (let quality = 1; quality <= 100; quality++) {
    const standard = quantisationTable('luma', quality);
    const difference = table.reduce((sum, step, i) => sum + Math.abs(step - standard[i]!), 0);
    if (difference < best.difference) best = { quality, difference };
  }
  return best.quality;
}
