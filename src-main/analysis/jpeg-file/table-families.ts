/** Which program's quantisation tables a JPEG file has, as far as they are published, and whether its Huffman tables are the standard ones. */
import { quantisationTable } from '#engine/ops/jpeg-simulation.ts';
import type { HuffmanTable } from './header.ts';

/** Base tables of mozjpeg (jcparam.c) beside the standard one; scaled like that. Where one row is given, chroma has the same. */
const kodak = [
  [
    ...[
      12, 17, 20, 21, 30, 34, 56, 63, 18, 20, 20, 26, 28, 51, 61, 55, 19, 20, 21, 26, 33, 58, 69, 55, 26, 26,
      26,
    ],
    ...[
      30, 46, 87, 86, 66, 31, 33, 36, 40, 46, 96, 100, 73, 40, 35, 46, 62, 81, 100, 111, 91, 46, 66, 76, 86,
      102,
    ],
    ...[121, 120, 101, 68, 90, 90, 96, 113, 102, 105, 103],
  ],
  [
    ...[
      8, 12, 15, 15, 86, 96, 96, 98, 13, 13, 15, 26, 90, 96, 99, 98, 12, 15, 18, 96, 99, 99, 99, 99, 17, 16,
      90,
    ],
    ...[
      96, 99, 99, 99, 99, 96, 96, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
      99,
    ],
    ...[99, 99, 99, 99, 99, 99, 99, 99, 99, 99],
  ],
];
const robidoux = [
  ...[
    16, 16, 16, 18, 25, 37, 56, 85, 16, 17, 20, 27, 34, 40, 53, 75, 16, 20, 24, 31, 43, 62, 91, 135, 18, 27,
    31, 40, 53, 74, 106, 156, 25, 34, 43, 53, 69, 94, 131, 189, 37, 40, 62, 74, 94, 124, 169, 238, 56, 53, 91,
    106, 131, 169, 226, 311, 85, 75, 135, 156, 189, 238, 311, 418,
  ],
];
const flat = new Array<number>(64).fill(16);

export interface TableFamily {
  name: string;
  /** 1 to 100, as libjpeg counts it; the table is exactly that of this quality. */
  quality: number;
}
type Kind = 'luma' | 'chroma';

const families: { name: string; table: (kind: Kind, quality: number) => number[] }[] = [
  { name: 'the standard (libjpeg and most programs)', table: quantisationTable },
  { name: 'mozjpeg table 3 (mozjpeg, sharp, Squoosh)', table: (_, quality) => scaled(robidoux, quality) },
  {
    name: 'mozjpeg table 2',
    table: (kind, quality) => scaled(kodak[kind === 'luma' ? 0 : 1]!, quality),
  },
  { name: 'mozjpeg table 1 (all steps equal)', table: (_, quality) => scaled(flat, quality) },
];

function scaled(base: readonly number[], quality: number): number[] {
  const scale = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  return base.map((step) => Math.min(255, Math.max(1, Math.floor((step * scale + 50) / 100))));
}

const qualities = Array.from({ length: 100 }, (_, i) => 100 - i);

/** The family and quality whose table is exactly this one; null where none is. */
export function familyOf(steps: Uint16Array, kind: Kind): TableFamily | null {
  for (const { name, table } of families)
    for (const quality of qualities)
      if (table(kind, quality).every((step, i) => step === steps[i])) return { name, quality };
  return null;
}

/** The quality of the standard tables that comes nearest, and the mean difference of the steps. */
export function nearestQuality(steps: Uint16Array, kind: Kind): { quality: number; difference: number } {
  let best = { quality: 1, difference: Infinity };
  for (const quality of qualities) {
    const difference =
      quantisationTable(kind, quality).reduce((sum, step, i) => sum + Math.abs(step - steps[i]!), 0) / 64;
    if (difference < best.difference) best = { quality, difference };
  }
  return best;
}

/** ITU-T T.81, tables K.3 to K.6: 16 counts, then symbols. */
const standardHuffman = new Set([
  'dc00010501010101010100000000000000000102030405060708090a0b',
  'dc00030101010101010101010000000000000102030405060708090a0b',
  'ac0002010303020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa',
  'ac00020102040403040705040400010277000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa',
]);

export const isStandardHuffman = ({ kind, counts, symbols }: HuffmanTable): boolean =>
  standardHuffman.has(kind + Buffer.from([...counts, ...symbols]).toString('hex'));
