/**
 * The quantised DCT coefficients of a JPEG file as it stores them, without any decoding to pixels: baseline, extended and
 * progressive Huffman coding with 8 bits (ITU-T T.81, F.2 and G.2).
 */
import { AppError } from '#contract/errors.ts';
import { zigzag } from '#compute/decoding/jpeg-coding.ts';
import { BitReader, huffmanDecoder, type HuffmanDecoder } from './bit-reader.ts';
import { jpegHeaderOf, type HuffmanTable, type JpegHeader, type JpegScan } from './header.ts';

export interface ComponentCoefficients {
  /** Blocks that hold picture, across and down. */
  width: number;
  height: number;
  /** Blocks a row of `data`, which is padded to whole MCUs. */
  stride: number;
  /** 64 quantised coefficients a block, in row order (vertical frequency * 8 + horizontal frequency). */
  data: Int16Array;
  /** 64 steps in row order. */
  steps: Uint16Array;
}

export interface JpegCoefficients {
  header: JpegHeader;
  /** Luma first, as the file has them. */
  components: ComponentCoefficients[];
}

const mostPixels = 150_000_000;
/** Progressive files have about ten; each costs a walk over all blocks. */
const mostScans = 100;

const damaged = (what: string): AppError =>
  new AppError('image_damaged', `The JPEG data is damaged: ${what}.`);

/**
 * @throws AppError `image_truncated`, `image_damaged`, `image_too_large`, `invalid_input` for a coding that it cannot read
 */
export function readJpegCoefficients(bytes: Buffer): JpegCoefficients {
  const header = jpegHeaderOf(bytes);
  refuseOthers(header);
  const largest = {
    horizontal: Math.max(...header.components.map(({ horizontal }) => horizontal)),
    vertical: Math.max(...header.components.map(({ vertical }) => vertical)),
  };
  const mcusAcross = Math.ceil(header.width / (8 * largest.horizontal));
  const mcusDown = Math.ceil(header.height / (8 * largest.vertical));
  const dataBytes = header.scans.reduce((sum, { data }) => sum + data.length, 0);
  // A block takes a bit at the least: what claims more blocks than its data can hold is not given memory for them.
  if (mcusAcross * mcusDown > 8 * dataBytes)
    throw new AppError('image_truncated', 'The JPEG data ends before the picture does.');
  const components = header.components.map((component): ComponentCoefficients => {
    const { horizontal, vertical, table } = component;
    if (table === null) throw damaged('a component has no quantisation table');
    const stride = mcusAcross * horizontal;
    return {
      width: Math.ceil((header.width * horizontal) / largest.horizontal / 8),
      height: Math.ceil((header.height * vertical) / largest.vertical / 8),
      stride,
      data: new Int16Array(stride * mcusDown * vertical * 64),
      steps: table.steps,
    };
  });
  for (const scan of header.scans) decodeScan(scan, { header, components, mcusAcross, mcusDown });
  return { header, components };
}

function refuseOthers({ frame, precision, width, height, components, scans }: JpegHeader): void {
  if (frame > 0xc2)
    throw new AppError('invalid_input', 'Lossless, hierarchical and arithmetic JPEG cannot be read.');
  if (precision !== 8) throw new AppError('invalid_input', `JPEG with ${precision} bits cannot be read.`);
  if (height === 0 || width === 0) throw damaged('its frame has no height or no width');
  if (width * height > mostPixels)
    throw new AppError(
      'image_too_large',
      `It has ${width} by ${height} pixels; the limit is ${mostPixels / 1e6} million.`,
    );
  const seen = new Set(scans.flatMap((scan) => scan.components.map(({ index }) => index)));
  if (seen.size < components.length) throw damaged('a component has no scan');
  if (scans.length > mostScans) throw damaged(`it has more than ${mostScans} scans`);
}

interface Frame {
  header: JpegHeader;
  components: ComponentCoefficients[];
  mcusAcross: number;
  mcusDown: number;
}

function decodeScan(scan: JpegScan, frame: Frame): void {
  const { header, components } = frame;
  const progressive = header.frame === 0xc2;
  const { first, last, high, low } = scan;
  if (progressive && (first > last || last > 63 || low > 13 || (first === 0) !== (last === 0)))
    throw damaged('a scan has bounds that cannot be');
  if (progressive && first > 0 && scan.components.length > 1)
    throw damaged('a scan of AC has several components');
  const decoder = new ScanDecoder(scan);
  const parts = scan.components.map(({ index, dc, ac }, place) => {
    const { horizontal, vertical } = header.components[index]!;
    const tables = { dc: tableOf(dc), ac: tableOf(ac) };
    if (!progressive && (tables.dc === null || tables.ac === null))
      throw damaged('a Huffman table is absent');
    if (progressive && high === 0 && first === 0 && tables.dc === null)
      throw damaged('a Huffman table is absent');
    if (progressive && first > 0 && tables.ac === null) throw damaged('a Huffman table is absent');
    return { ...components[index]!, horizontal, vertical, ...tables, place };
  });
  const block = (part: (typeof parts)[number], at: number): void => {
    if (!progressive) decoder.baseline(part.data, at, part.place, part.dc!, part.ac!);
    else if (first > 0) {
      if (high === 0) decoder.acFirst(part.data, at, part.ac!);
      else decoder.acRefine(part.data, at, part.ac!);
    } else if (high === 0) decoder.dcFirst(part.data, at, part.place, part.dc!);
    else decoder.dcRefine(part.data, at);
  };
  let count = 0;
  const restart = (): void => {
    if (scan.restartInterval > 0 && count > 0 && count % scan.restartInterval === 0) decoder.restart();
    count++;
  };
  const [only] = parts;
  if (parts.length === 1 && only) {
    for (let y = 0; y < only.height; y++)
      for (let x = 0; x < only.width; x++) {
        restart();
        block(only, (y * only.stride + x) * 64);
      }
    return;
  }
  for (let mcuY = 0; mcuY < frame.mcusDown; mcuY++)
    for (let mcuX = 0; mcuX < frame.mcusAcross; mcuX++) {
      restart();
      for (const part of parts)
        for (let v = 0; v < part.vertical; v++)
          for (let h = 0; h < part.horizontal; h++) {
            const y = mcuY * part.vertical + v;
            block(part, (y * part.stride + mcuX * part.horizontal + h) * 64);
          }
    }
}

const tableOf = (table: HuffmanTable | null): HuffmanDecoder | null => table && huffmanDecoder(table);

class ScanDecoder {
  readonly #reader: BitReader;
  readonly #first: number;
  readonly #last: number;
  readonly #low: number;
  /** The DC value before, by place in the scan. */
  readonly #predicted = new Int32Array(4);
  /** Blocks of only zeros that are still to come (progressive). */
  #endOfBand = 0;

  constructor({ data, first, last, low }: JpegScan) {
    this.#reader = new BitReader(data);
    this.#first = first;
    this.#last = last;
    this.#low = low;
  }

  restart(): void {
    this.#reader.restart();
    this.#predicted.fill(0);
    this.#endOfBand = 0;
  }

  #difference(place: number, dc: HuffmanDecoder): number {
    const length = this.#reader.symbol(dc);
    if (length > 15) throw damaged('a DC difference has more than 15 bits');
    return (this.#predicted[place]! += this.#reader.signed(length));
  }

  baseline(data: Int16Array, at: number, place: number, dc: HuffmanDecoder, ac: HuffmanDecoder): void {
    const reader = this.#reader;
    data[at] = this.#difference(place, dc);
    for (let k = 1; k < 64; k++) {
      const symbol = reader.symbol(ac);
      const length = symbol & 15;
      if (length === 0) {
        if (symbol !== 0xf0) return;
        k += 15;
        continue;
      }
      k += symbol >> 4;
      if (k > 63) throw damaged('a block has more than 64 coefficients');
      data[at + zigzag[k]!] = reader.signed(length);
    }
  }

  dcFirst(data: Int16Array, at: number, place: number, dc: HuffmanDecoder): void {
    data[at] = this.#difference(place, dc) << this.#low;
  }

  dcRefine(data: Int16Array, at: number): void {
    if (this.#reader.bits(1) === 1) data[at]! |= 1 << this.#low;
  }

  acFirst(data: Int16Array, at: number, ac: HuffmanDecoder): void {
    if (this.#endOfBand > 0) {
      this.#endOfBand--;
      return;
    }
    const reader = this.#reader;
    for (let k = this.#first; k <= this.#last; k++) {
      const symbol = reader.symbol(ac);
      const [run, length] = [symbol >> 4, symbol & 15];
      if (length === 0) {
        if (run < 15) {
          this.#endOfBand = (1 << run) - 1 + (run > 0 ? reader.bits(run) : 0);
          return;
        }
        k += 15;
        continue;
      }
      k += run;
      if (k > 63) throw damaged('a block has more than 64 coefficients');
      data[at + zigzag[k]!] = reader.signed(length) << this.#low;
    }
  }

  acRefine(data: Int16Array, at: number, ac: HuffmanDecoder): void {
    const reader = this.#reader;
    const bit = 1 << this.#low;
    let k = this.#first;
    if (this.#endOfBand === 0)
      for (; k <= this.#last; k++) {
        const symbol = reader.symbol(ac);
        let run = symbol >> 4;
        let value = 0;
        if ((symbol & 15) !== 0) value = reader.bits(1) === 1 ? bit : -bit;
        else if (run < 15) {
          this.#endOfBand = (1 << run) + (run > 0 ? reader.bits(run) : 0);
          break;
        }
        // Passes over `run` zeros, refining what is not zero on the way.
        for (; k <= this.#last; k++) {
          const place = at + zigzag[k]!;
          if (data[place] !== 0) this.#refine(data, place, bit);
          else if (run-- === 0) {
            data[place] = value;
            break;
          }
        }
      }
    if (this.#endOfBand === 0) return;
    for (; k <= this.#last; k++) {
      const place = at + zigzag[k]!;
      if (data[place] !== 0) this.#refine(data, place, bit);
    }
    this.#endOfBand--;
  }

  #refine(data: Int16Array, place: number, bit: number): void {
    if (this.#reader.bits(1) === 0) return;
    const value = data[place]!;
    if ((Math.abs(value) & bit) === 0) data[place] = value + (value > 0 ? bit : -bit);
  }
}
