/** The JPEG codec of libvips (libjpeg-turbo or mozjpeg's decoder), as the engine's port wants it. */
import sharp from 'sharp';
import type { JpegCodec } from '#engine/ports.ts';

export const sharpJpegCodec: JpegCodec = {
  async roundTrip(image, { quality, chromaSubsampling }) {
    const raw = { width: image.width, height: image.height, channels: 3 as const };
    const file = await sharp(image.data, { raw, limitInputPixels: false })
      .jpeg({ quality, chromaSubsampling })
      .toBuffer();
    const { data, info } = await sharp(file, { limitInputPixels: false })
      .raw()
      .toBuffer({ resolveWithObject: true });
    return {
      width: info.width,
      height: info.height,
      data: new Uint8Array(data.buffer, data.byteOffset, data.length),
    };
  },
};
