/** The structure of a picture's file as a tree with offsets and sizes. It never throws: what cannot be followed is told. */
import { crc32 } from 'node:zlib';
import { readJpegSegments, strayBytes } from '../jpeg-file/segments.ts';
import { mostNodes, type Container, type ContainerNode } from './container-node.ts';
import { TiffReader } from './tiff.ts';

/** Null for a format whose structure is not read. */
export function readContainer(format: string, bytes: Buffer): Container | null {
  const read = readers[format];
  return read ? bounded(read(bytes)) : null;
}

const readers: Record<string, (bytes: Buffer) => Container> = {
  jpeg: readJpeg,
  png: readPng,
  tiff: readTiff,
  webp: readRiff,
  heif: readBoxes,
  avif: readBoxes,
};

/** What the content of an APP segment begins with, and what that is. */
const applications: [name: string, begin: string, note: string][] = [
  ['APP0', 'JFIF\0', 'JFIF'],
  ['APP0', 'JFXX\0', 'JFIF extension'],
  ['APP0', 'AVI1', 'motion JPEG'],
  ['APP1', 'Exif\0', 'EXIF'],
  ['APP1', 'http://ns.adobe.com/xap/1.0/\0', 'XMP'],
  ['APP1', 'http://ns.adobe.com/xmp/extension/\0', 'XMP, continued'],
  ['APP2', 'ICC_PROFILE\0', 'ICC profile'],
  ['APP2', 'MPF\0', 'list of further pictures (MPF)'],
  ['APP11', 'JP', 'JUMBF (C2PA and others)'],
  ['APP13', 'Photoshop 3.0\0', 'Photoshop resources (IPTC)'],
  ['APP14', 'Adobe', 'Adobe'],
];

function readJpeg(bytes: Buffer): Container {
  const { segments, end, problem } = readJpegSegments(bytes);
  const nodes = segments.map(({ name, marker, offset, size, content }): ContainerNode => {
    const head = content.toString('latin1', 0, 40);
    const note = applications.find(([app, begin]) => app === name && head.startsWith(begin))?.[2];
    const node: ContainerNode = { name, offset, size };
    if (note !== undefined) node.note = note;
    if (marker === strayBytes) node.note = 'belongs to no segment';
    if (note === 'EXIF')
      node.children = new TiffReader(content.subarray(6)).nodes(offset + size - content.length + 6);
    return node;
  });
  return { nodes, end, problem };
}

function readPng(bytes: Buffer): Container {
  const nodes: ContainerNode[] = [{ name: 'signature', offset: 0, size: 8 }];
  for (let at = 8; at < bytes.length;) {
    if (at + 12 > bytes.length) return { nodes, end: null, problem: `A chunk at byte ${at} is cut off.` };
    const length = bytes.readUInt32BE(at);
    const name = bytes.toString('latin1', at + 4, at + 8);
    const end = at + 12 + length;
    if (end > bytes.length)
      return { nodes, end: null, problem: `The chunk ${name} at byte ${at} reaches past the end.` };
    const node: ContainerNode = { name, offset: at, size: 12 + length };
    if (crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4))
      node.note = 'its checksum is wrong';
    nodes.push(node);
    at = end;
    if (name === 'IEND') return { nodes, end: at, problem: null };
    if (nodes.length > mostNodes) return { nodes, end: null, problem: tooMany };
  }
  return { nodes, end: null, problem: 'There is no IEND chunk.' };
}

function readTiff(bytes: Buffer): Container {
  const reader = new TiffReader(bytes);
  return {
    nodes: [{ name: 'header', offset: 0, size: 8 }, ...reader.nodes(0)],
    end: null,
    problem: reader.problem,
  };
}

function readRiff(bytes: Buffer): Container {
  const end = bytes.length >= 12 ? bytes.readUInt32LE(4) + 8 : bytes.length;
  const nodes: ContainerNode[] = [{ name: 'RIFF', offset: 0, size: 12 }];
  for (let at = 12; at + 8 <= Math.min(end, bytes.length);) {
    const size = bytes.readUInt32LE(at + 4);
    nodes.push({ name: bytes.toString('latin1', at, at + 4), offset: at, size: 8 + size });
    at += 8 + size + (size & 1);
    if (nodes.length > mostNodes) return { nodes, end: null, problem: tooMany };
  }
  const short = end > bytes.length;
  return { nodes, end: short ? null : end, problem: short ? 'The file is shorter than it says.' : null };
}

/** Boxes that hold boxes, with the bytes before those (ISO/IEC 14496-12, 23008-12). */
const boxHeads: Record<string, number> = {
  ...{
    meta: 4,
    moov: 0,
    trak: 0,
    mdia: 0,
    minf: 0,
    stbl: 0,
    dinf: 0,
    iprp: 0,
    ipco: 0,
    iref: 4,
    udta: 0,
    edts: 0,
  },
};

function readBoxes(bytes: Buffer): Container {
  let count = 0;
  let problem: string | null = null;
  const level = (from: number, to: number, depth: number): ContainerNode[] => {
    const nodes: ContainerNode[] = [];
    for (let at = from; at + 8 <= to;) {
      if (++count > mostNodes) {
        problem ??= tooMany;
        break;
      }
      const short = bytes.readUInt32BE(at);
      const name = bytes.toString('latin1', at + 4, at + 8);
      const long = short === 1 && at + 16 <= to;
      const size = short === 0 ? to - at : long ? Number(bytes.readBigUInt64BE(at + 8)) : short;
      if (size < 8 || at + size > to) {
        problem ??= `The box at byte ${at} says that it is ${size} bytes long.`;
        break;
      }
      const head = boxHeads[name];
      const inside = at + (long ? 16 : 8) + (head ?? 0);
      nodes.push({
        ...{ name: printable(name), offset: at, size },
        ...(head !== undefined && depth < 8 ? { children: level(inside, at + size, depth + 1) } : {}),
      });
      at += size;
    }
    return nodes;
  };
  const nodes = level(0, bytes.length, 0);
  const last = nodes.at(-1);
  return { nodes, end: last ? last.offset + last.size : null, problem };
}

const tooMany = `It has more than ${mostNodes} parts; the rest is not listed.`;
const printable = (name: string): string => name.replaceAll(/[^\x20-\x7e]/g, '?');

/** At most `mostNodes` nodes in all. */
function bounded({ nodes, end, problem }: Container): Container {
  let left = mostNodes;
  let cut = false;
  const keep = (list: readonly ContainerNode[]): ContainerNode[] => {
    const kept: ContainerNode[] = [];
    for (const { name, children, ...rest } of list) {
      if (left-- <= 0) {
        cut = true;
        break;
      }
      kept.push({ name: printable(name), ...rest, ...(children ? { children: keep(children) } : {}) });
    }
    return kept;
  };
  return { nodes: keep(nodes), end, problem: cut ? (problem ?? tooMany) : problem };
}
