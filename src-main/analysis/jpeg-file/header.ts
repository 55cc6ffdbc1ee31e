/**
 * What the segments of a JPEG file say of its coding: tables, frame and scans (ITU-T T.81, B.2). Tables may be defined anew
 * between scans; each scan keeps those that were valid when it began.
 */
import { AppError } from '#contract/errors.ts';
import { zigzag } from '#compute/decoding/jpeg-coding.ts';
import { entropyCoded, readJpegSegments, type JpegSegments } from './segments.ts';

export interface QuantisationTable {
  id: number;
  /** 64 steps in row order. */
  steps: Uint16Array;
  bits: 8 | 16;
}

export interface HuffmanTable {
  kind: 'dc' | 'ac';
  id: number;
  /** How many codes of each length, 1 to 16 bits. */
  counts: Uint8Array;
  symbols: Uint8Array;
}

export interface JpegComponent {
  id: number;
  horizontal: number;
  vertical: number;
  /** The quantisation table that was valid when its first scan began; null where there was none. */
  table: QuantisationTable | null;
  tableId: number;
}

export interface JpegScan {
  components: { index: number; dc: HuffmanTable | null; ac: HuffmanTable | null }[];
  /** Of a progressive file: first and last coefficient in zigzag order, and the bits of successive approximation. */
  first: number;
  last: number;
  high: number;
  low: number;
  restartInterval: number;
  data: Buffer;
}

export interface JpegHeader {
  /** 0xc0 baseline, 0xc1 extended, 0xc2 progressive, others. */
  frame: number;
  precision: number;
  width: number;
  height: number;
  components: JpegComponent[];
  scans: JpegScan[];
  /** Every quantisation table that the file defines, in its order. */
  quantisation: QuantisationTable[];
  huffman: HuffmanTable[];
  restartInterval: number;
  /** Of the Adobe segment: 0 none, 1 YCbCr, 2 YCCK; null where there is no such segment. */
  adobeTransform: number | null;
}

const damaged = (what: string): AppError =>
  new AppError('image_damaged', `The JPEG data is damaged: ${what}.`);

/** Errors: `image_damaged` where a segment contradicts itself or there is no frame. */
export function readJpegHeader({ segments }: Pick<JpegSegments, 'segments'>): JpegHeader {
  const header: JpegHeader = {
    ...{ frame: 0, precision: 0, width: 0, height: 0, components: [], scans: [] },
    ...{ quantisation: [], huffman: [], restartInterval: 0, adobeTransform: null },
  };
  const quantisation = new Map<number, QuantisationTable>();
  const huffman = new Map<string, HuffmanTable>();
  segments.forEach(({ marker, content }, index) => {
    if (marker === 0xdb)
      for (const table of quantisationTables(content)) {
        quantisation.set(table.id, table);
        header.quantisation.push(table);
      }
    else if (marker === 0xc4)
      for (const table of huffmanTables(content)) {
        huffman.set(`${table.kind}${table.id}`, table);
        header.huffman.push(table);
      }
    else if (marker === 0xdd) header.restartInterval = content.length >= 2 ? content.readUInt16BE(0) : 0;
    else if (marker === 0xee && content.length >= 12 && content.toString('latin1', 0, 5) === 'Adobe')
      header.adobeTransform = content[11]!;
    else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8 && marker !== 0xcc)
      readFrame(content, marker, header);
    else if (marker === 0xda) {
      const next = segments[index + 1];
      const data = next?.marker === entropyCoded ? next.content : Buffer.alloc(0);
      header.scans.push(readScan(content, data, header, huffman));
      for (const { index: at } of header.scans.at(-1)!.components) {
        const component = header.components[at]!;
        component.table ??= quantisation.get(component.tableId) ?? null;
      }
    }
  });
  if (header.components.length === 0) throw damaged('it has no frame');
  return header;
}

/** The header of a whole file. Errors as of `readJpegHeader`. */
export const jpegHeaderOf = (bytes: Buffer): JpegHeader => readJpegHeader(readJpegSegments(bytes));

function* quantisationTables(content: Buffer): Generator<QuantisationTable> {
  for (let at = 0; at < content.length;) {
    const bits = content[at]! >> 4 === 0 ? 8 : 16;
    const id = content[at]! & 15;
    const bytes = bits / 8;
    at += 1;
    if (at + 64 * bytes > content.length) throw damaged('a quantisation table is cut off');
    const steps = new Uint16Array(64);
    for (let i = 0; i < 64; i++) steps[zigzag[i]!] = content.readUIntBE(at + i * bytes, bytes);
    if (steps.includes(0)) throw damaged('a quantisation table holds a step of 0');
    yield { id, steps, bits };
    at += 64 * bytes;
  }
}

function* huffmanTables(content: Buffer): Generator<HuffmanTable> {
  for (let at = 0; at + 17 <= content.length;) {
    const kind = content[at]! >> 4 === 0 ? 'dc' : 'ac';
    const id = content[at]! & 15;
    const counts = Uint8Array.from(content.subarray(at + 1, at + 17));
    const total = counts.reduce((sum, count) => sum + count, 0);
    at += 17;
    if (total > 256 || at + total > content.length) throw damaged('a Huffman table is cut off');
    let codes = 0;
    counts.forEach((count, i) => {
      codes = codes * 2 + count;
      if (codes > 2 ** (i + 1)) throw damaged('a Huffman table has more codes than bits can tell apart');
    });
    yield { kind, id, counts, symbols: Uint8Array.from(content.subarray(at, at + total)) };
    at += total;
  }
}

function readFrame(content: Buffer, marker: number, header: JpegHeader): void {
  if (header.components.length > 0) throw damaged('it has two frames');
  const count = content[5] ?? 0;
  if (count < 1 || count > 4 || content.length < 6 + 3 * count) throw damaged('its frame is cut off');
  header.frame = marker;
  header.precision = content[0]!;
  header.height = content.readUInt16BE(1);
  header.width = content.readUInt16BE(3);
  for (let i = 0; i < count; i++) {
    const at = 6 + 3 * i;
    const [horizontal, vertical] = [content[at + 1]! >> 4, content[at + 1]! & 15];
    if (horizontal < 1 || horizontal > 4 || vertical < 1 || vertical > 4)
      throw damaged('a sampling factor is not 1 to 4');
    header.components.push({
      id: content[at]!,
      horizontal,
      vertical,
      table: null,
      tableId: content[at + 2]!,
    });
  }
}

function readScan(
  content: Buffer,
  data: Buffer,
  header: JpegHeader,
  tables: ReadonlyMap<string, HuffmanTable>,
): JpegScan {
  const count = content[0] ?? 0;
  if (count < 1 || count > 4 || content.length < 4 + 2 * count)
    throw damaged('the header of a scan is cut off');
  const components = Array.from({ length: count }, (_, i) => {
    const [id, table] = [content[1 + 2 * i]!, content[2 + 2 * i]!];
    const index = header.components.findIndex((component) => component.id === id);
    if (index < 0) throw damaged('a scan has a component that the frame has not');
    return { index, dc: tables.get(`dc${table >> 4}`) ?? null, ac: tables.get(`ac${table & 15}`) ?? null };
  });
  if (new Set(components.map(({ index }) => index)).size < count)
    throw damaged('a scan has a component twice');
  const at = 1 + 2 * count;
  return {
    ...{ components, first: content[at]!, last: content[at + 1]! },
    ...{ high: content[at + 2]! >> 4, low: content[at + 2]! & 15 },
    ...{ restartInterval: header.restartInterval, data },
  };
}
