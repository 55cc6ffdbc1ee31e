/**
 * Maps as files: 8- or 16-bit grey PNG with a value range, and back. A stored value v in [0, 2^bits - 1] stands for
 * `min + v / (2^bits - 1) * (max - min)`, as contract/media.ts says. No colour here: the renderer applies the colour map.
 */
import sharp from 'sharp';

/** Row-major. Float32Array: the values themselves; Uint16Array: v stands for v / 65535, a value in [0, 1]. */
export interface MapPixels {
  width: number;
  height: number;
  data: Float32Array | Uint16Array;
}

export interface MapImage {
  png: Buffer;
  width: number;
  height: number;
  bits: 8 | 16;
  min: number;
  max: number;
}

/** Smallest and largest of the values; both 0 for an empty map. */
function rangeOf(data: Float32Array): { min: number; max: number } {
  let min = Infinity;
  let max = -Infinity;
  for (const value of data) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? { min, max } : { min: 0, max: 0 };
}

/**
 * Encodes a map. The range is [0, 1] for 16-bit unit maps, else `options.range`, else that of the values. Values outside
 * the range are clipped to it.
 */
export async function encodeMap(
  map: MapPixels,
  options: { bits: 8 | 16; range?: { min: number; max: number } },
): Promise<MapImage> {
  const { bits } = options;
  const { width, height, data } = map;
  const top = 2 ** bits - 1;
  const unit = data instanceof Uint16Array;
  const { min, max } = unit ? { min: 0, max: 1 } : (options.range ?? rangeOf(data));
  let stored: Uint8Array | Uint16Array;
  if (unit && bits === 16) stored = data;
  else {
    stored = bits === 16 ? new Uint16Array(data.length) : new Uint8Array(data.length);
    const span = max - min;
    for (let i = 0; i < data.length; i++) {
      const share = unit ? data[i]! / 65535 : span > 0 ? (data[i]! - min) / span : 0;
      stored[i] = Math.round(Math.min(1, Math.max(0, share)) * top);
    }
  }
  const png = await sharp(stored, { raw: { width, height, channels: 1 }, limitInputPixels: false })
    .toColourspace(bits === 16 ? 'grey16' : 'b-w')
    .png()
    .toBuffer();
  return { png, width, height, bits, min, max };
}

/** Decodes what `encodeMap` wrote (bytes or a file's path) into values between `min` and `max`. */
export async function decodeMap(
  png: Uint8Array | string,
  range: { bits: 8 | 16; min: number; max: number },
): Promise<{ width: number; height: number; data: Float32Array }> {
  const deep = range.bits === 16;
  const { data, info } = await sharp(png, { limitInputPixels: false })
    .toColourspace(deep ? 'grey16' : 'b-w')
    .raw({ depth: deep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const stored = deep ? new Uint16Array(new Uint8Array(data).buffer) : data;
  const top = 2 ** range.bits - 1;
  const span = range.max - range.min;
  const values = Float32Array.from(stored, (v) => range.min + (v / top) * span);
  return { width: info.width, height: info.height, data: values };
}
