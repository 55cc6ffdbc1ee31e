/**
 * Whether a picture's file is all there, read from its structure alone. Decoders do not notice when only the last
 * bytes are missing, and say different things when more is; a file that ends early must be told from one that is
 * damaged. False means "not known to end early": the decoder has the last word.
 */
import type { FileHandle } from 'node:fs/promises';
import type { PhotographFormat } from './sniff-format.ts';

/** Bytes of an open file, by position. `read` gives fewer than asked for only at the end. */
export type ByteSource = { size: number; read: (position: number, length: number) => Promise<Buffer> };

export const byteSource = (file: FileHandle, size: number): ByteSource => ({
  size,
  read: async (position, length) => {
    const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - position)));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    return buffer.subarray(0, bytesRead);
  },
});

/** Whether the file surely lacks its end. */
export async function endsEarly(format: PhotographFormat, source: ByteSource): Promise<boolean> {
  switch (format) {
    case 'jpeg':
      return jpegEndsEarly(source);
    case 'png':
      return pngEndsEarly(source);
    case 'webp':
      return (await source.read(4, 4)).readUInt32LE(0) + 8 > source.size;
    case 'gif':
      return gifEndsEarly(source);
    case 'tiff':
      return tiffEndsEarly(source);
    case 'avif':
      return boxesEndEarly(source);
  }
}

const endOfImage = Buffer.from([0xff, 0xd9]);
const startOfScan = 0xda;

/** No end-of-image marker after the first scan begins (ITU-T T.81, B.1.1.3). Data after the marker is allowed. */
async function jpegEndsEarly(source: ByteSource): Promise<boolean> {
  if ((await source.read(source.size - 2, 2)).equals(endOfImage)) return false;
  let position = 2;
  for (;;) {
    const marker = await source.read(position, 4);
    if (marker.length < 4) return true;
    if (marker[0] !== 0xff) return false; // Not a marker: damaged rather than short.
    if (marker[1] === 0xff) position += 1;
    else if (marker[1] === startOfScan) break;
    else position += 2 + marker.readUInt16BE(2);
  }
  const step = 1 << 20;
  for (; position < source.size; position += step - 1)
    if ((await source.read(position, step)).includes(endOfImage)) return false;
  return true;
}

/** A chunk reaches past the end, or there is no IEND (W3C PNG, 5.3). */
async function pngEndsEarly(source: ByteSource): Promise<boolean> {
  for (let position = 8; ;) {
    const head = await source.read(position, 8);
    if (head.length < 8) return true;
    position += 12 + head.readUInt32BE(0);
    if (position > source.size) return true;
    if (head.toString('latin1', 4) === 'IEND') return false;
  }
}

/** No trailer after a closed block (GIF89a, 27), or before zeros that some programs append. */
async function gifEndsEarly(source: ByteSource): Promise<boolean> {
  const tail = await source.read(Math.max(0, source.size - 4096), 4096);
  const last = tail.findLast((byte) => byte !== 0);
  return last !== 0x3b && !tail.includes(Buffer.from([0x00, 0x3b]));
}

const offsets = [273, 324]; // StripOffsets, TileOffsets
const counts = [279, 325]; // StripByteCounts, TileByteCounts
/** Bytes a value, by field type (TIFF 6.0, section 2). */
const valueSizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];

/** The first directory, a value that it refers to, or a strip or tile that it lists, reaches past the end (TIFF 6.0). */
async function tiffEndsEarly(source: ByteSource): Promise<boolean> {
  const head = await source.read(0, 8);
  if (head.length < 8) return true;
  const little = head[0] === 0x49;
  const u16 = (buffer: Buffer, at: number): number =>
    little ? buffer.readUInt16LE(at) : buffer.readUInt16BE(at);
  const u32 = (buffer: Buffer, at: number): number =>
    little ? buffer.readUInt32LE(at) : buffer.readUInt32BE(at);
  if (u16(head, 2) !== 42) return false; // BigTIFF is left to the decoder.
  const directory = u32(head, 4);
  const count = await source.read(directory, 2);
  if (count.length < 2) return true;
  const length = u16(count, 0) * 12;
  const entries = await source.read(directory + 2, length + 4); // With the offset of the next directory.
  if (entries.length < length + 4) return true;
  const lists = new Map<number, number[]>();
  for (let at = 0; at < length; at += 12) {
    const tag = u16(entries, at);
    const size = valueSizes[u16(entries, at + 2)] ?? 0;
    const bytes = u32(entries, at + 4) * size;
    const start = bytes <= 4 ? directory + 2 + at + 8 : u32(entries, at + 8);
    if (start + bytes > source.size) return true;
    if (!offsets.includes(tag) && !counts.includes(tag)) continue;
    const values = await source.read(start, bytes);
    const read = size === 2 ? u16 : u32;
    if (size === 2 || size === 4)
      lists.set(
        tag,
        Array.from({ length: bytes / size }, (_, index) => read(values, index * size)),
      );
  }
  const starts = offsets.flatMap((tag) => lists.get(tag) ?? []);
  const lengths = counts.flatMap((tag) => lists.get(tag) ?? []);
  return starts.some((start, index) => start + (lengths[index] ?? 0) > source.size);
}

/** A top-level box reaches past the end (ISO/IEC 14496-12, 4.2). */
async function boxesEndEarly(source: ByteSource): Promise<boolean> {
  for (let position = 0; position < source.size;) {
    const head = await source.read(position, 16);
    if (head.length < 8) return true;
    const short = head.readUInt32BE(0);
    if (short === 0) return false; // Reaches to the end by definition.
    if (short === 1 && head.length < 16) return true;
    const size = short === 1 ? Number(head.readBigUInt64BE(8)) : short;
    if (size < 8) return false;
    position += size;
    if (position > source.size) return true;
  }
  return false;
}
