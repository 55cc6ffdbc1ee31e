/** The real JPEG codec (libjpeg-turbo through sharp) behind the engine's port. */
import type { JpegCodec } from '#engine/ports.ts';
import sharp from 'sharp';

export const jpegCodec: JpegCodec = {
  async roundTrip({ width, height, data }, { quality, chromaSubsampling }) {
    const file = await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg({ quality, chromaSubsampling })
      .toBuffer();
    const decoded = await sharp(file).raw().toBuffer();
    return { width, height, data: new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.length) };
  },
};
