/** Bits of one scan, with stuffed zero bytes taken out and restart markers kept, and Huffman codes read from them. */
import { AppError } from '#contract/errors.ts';
import type { HuffmanTable } from './header.ts';

/** Codes up to this length are read by one look into a table. */
const lookBits = 9;

export interface HuffmanDecoder {
  /** By the next nine bits: length * 256 + symbol of the code that they begin with; 0 where it is longer. */
  look: Uint16Array;
  /** By length: the largest code of it, or -1, and what to add to a code for the place of its symbol. */
  largest: Int32Array;
  offset: Int32Array;
  symbols: Uint8Array;
}

/** ITU-T T.81, C.2 and F.2.2.3. */
export function huffmanDecoder({ counts, symbols }: HuffmanTable): HuffmanDecoder {
  const look = new Uint16Array(1 << lookBits);
  const largest = new Int32Array(18).fill(-1);
  const offset = new Int32Array(18);
  let code = 0;
  let place = 0;
  for (let length = 1; length <= 16; length++) {
    const count = counts[length - 1]!;
    offset[length] = place - code;
    for (let i = 0; i < count; i++, code++, place++)
      if (length <= lookBits) {
        const from = code << (lookBits - length);
        look.fill(length * 256 + symbols[place]!, from, from + (1 << (lookBits - length)));
      }
    largest[length] = count > 0 ? code - 1 : -1;
    code <<= 1;
  }
  return { look, largest, offset, symbols };
}

export class BitReader {
  readonly #data: Buffer;
  #at = 0;
  #bits = 0;
  #count = 0;
  /** Zero bits that were handed out past the end. */
  #invented = 0;

  constructor(data: Buffer) {
    this.#data = data;
  }

  /** Makes sure of 16 bits at least; past the end they are zeros, of which a whole decoding needs only the last byte's. */
  #fill(): void {
    const data = this.#data;
    while (this.#count <= 16) {
      let byte: number;
      if (this.#at < data.length) {
        byte = data[this.#at]!;
        if (byte !== 0xff) this.#at++;
        else if (data[this.#at + 1] === 0) this.#at += 2;
        else byte = this.#pastEnd();
      } else byte = this.#pastEnd();
      this.#bits = ((this.#bits << 8) | byte) >>> 0;
      this.#count += 8;
    }
  }

  #pastEnd(): number {
    if (++this.#invented > 64)
      throw new AppError('image_truncated', 'The JPEG data ends before the picture does.');
    return 0;
  }

  /** `length` bits, 1 to 16, as an unsigned number. */
  bits(length: number): number {
    if (this.#count < length) this.#fill();
    this.#count -= length;
    return (this.#bits >>> this.#count) & ((1 << length) - 1);
  }

  /** `length` bits as JPEG codes signed numbers (ITU-T T.81, F.2.2.1); 0 for no bits. */
  signed(length: number): number {
    if (length === 0) return 0;
    const value = this.bits(length);
    return value < 1 << (length - 1) ? value - (1 << length) + 1 : value;
  }

  symbol({ look, largest, offset, symbols }: HuffmanDecoder): number {
    if (this.#count < 16) this.#fill();
    const found = look[(this.#bits >>> (this.#count - lookBits)) & ((1 << lookBits) - 1)]!;
    if (found !== 0) {
      this.#count -= found >> 8;
      return found & 255;
    }
    for (let length = lookBits + 1; length <= 16; length++) {
      const code = (this.#bits >>> (this.#count - length)) & ((1 << length) - 1);
      if (code <= largest[length]!) {
        this.#count -= length;
        return symbols[code + offset[length]!]!;
      }
    }
    throw new AppError('image_damaged', 'The JPEG data is damaged: it holds a code that no table has.');
  }

  /** Goes on after the next restart marker. Errors: `image_damaged` where there is none. */
  restart(): void {
    this.#bits = 0;
    this.#count = 0;
    this.#invented = 0;
    const data = this.#data;
    for (let at = data.indexOf(0xff, this.#at); at >= 0; at = data.indexOf(0xff, at + 1)) {
      const next = data[at + 1];
      if (next === undefined || next < 0xd0 || next > 0xd7) continue;
      this.#at = at + 2;
      return;
    }
    throw new AppError('image_truncated', 'The JPEG data ends before the picture does.');
  }
}
