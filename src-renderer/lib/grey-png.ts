/**
 * Reads the grey PNG files that maps are stored in, at their full 8 or 16 bits. The browser's own decoder would reduce
 * 16 bits to 8 and may apply colour management; a map's numbers must arrive as they were written.
 * Covers what maps need: not interlaced, 8 or 16 bits, any colour type without palette (the first channel is taken).
 */

export type GreyPicture = {
  width: number;
  height: number;
  bits: 8 | 16;
  /** Row by row, [height * width]. */
  samples: Uint8Array | Uint16Array;
};

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 4: 2, 6: 4 };

async function inflate(parts: Uint8Array<ArrayBuffer>[]): Promise<Uint8Array> {
  const stream = new Blob(parts).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const toLeft = Math.abs(guess - left);
  const toUp = Math.abs(guess - up);
  const toCorner = Math.abs(guess - corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** Undoes PNG's per-row filters in place; `raw` holds a filter byte before each row of `stride` bytes. */
function unfilter(raw: Uint8Array, height: number, stride: number, pixelBytes: number): void {
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)] ?? 0;
    const row = y * (stride + 1) + 1;
    const above = row - stride - 1;
    if (filter > 4) throw new Error(`The map's PNG uses filter ${filter}, which does not exist.`);
    if (filter === 0) continue;
    for (let x = 0; x < stride; x++) {
      const left = x >= pixelBytes ? (raw[row + x - pixelBytes] ?? 0) : 0;
      const up = y > 0 ? (raw[above + x] ?? 0) : 0;
      const corner = y > 0 && x >= pixelBytes ? (raw[above + x - pixelBytes] ?? 0) : 0;
      const guess =
        filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner);
      raw[row + x] = ((raw[row + x] ?? 0) + guess) & 255;
    }
  }
}

/**
 * Decodes one file.
 * @throws Error where the bytes are not such a PNG, or end early.
 */
export async function decodeGreyPng(bytes: Uint8Array): Promise<GreyPicture> {
  if (SIGNATURE.some((byte, i) => bytes[i] !== byte)) throw new Error('The map is not a PNG file.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: { width: number; height: number; bits: number; type: number } | null = null;
  const data: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const body = at + 8;
    if (body + length > bytes.length) throw new Error("The map's PNG ends early.");
    if (name === 'IHDR') {
      header = {
        width: view.getUint32(body),
        height: view.getUint32(body + 4),
        bits: view.getUint8(body + 8),
        type: view.getUint8(body + 9),
      };
      if (view.getUint8(body + 12) !== 0) throw new Error("The map's PNG is interlaced.");
    }
    if (name === 'IDAT') data.push(bytes.slice(body, body + length));
    if (name === 'IEND') break;
    at = body + length + 4;
  }
  const channels = header ? CHANNELS[header.type] : undefined;
  if (!header || !channels || (header.bits !== 8 && header.bits !== 16))
    throw new Error("The map's PNG is not an 8- or 16-bit grey picture.");
  const { width, height, bits } = header;
  const pixelBytes = channels * (bits / 8);
  const stride = width * pixelBytes;
  const raw = await inflate(data);
  if (raw.length < height * (stride + 1)) throw new Error("The map's PNG ends early.");
  unfilter(raw, height, stride, pixelBytes);
  const samples = bits === 8 ? new Uint8Array(width * height) : new Uint16Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * (stride + 1) + 1 + x * pixelBytes;
      const high = raw[at] ?? 0;
      samples[y * width + x] = bits === 8 ? high : (high << 8) | (raw[at + 1] ?? 0);
    }
  }
  return { width, height, bits, samples };
}
