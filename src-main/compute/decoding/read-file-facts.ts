/** What a picture's file is, apart from what it shows: how it is coded, and what is written beside the pixels. */
import sharp from 'sharp';
import { readJpegCoding } from './jpeg-coding.ts';

export type PictureFileFacts = {
  /** Of libjpeg, 1 to 100; null where it is no JPEG. */
  quality: number | null;
  /** Whether chroma is coded at half the size; null where it is no JPEG. */
  subsampled: boolean | null;
  progressive: boolean;
  exif: boolean;
  xmp: boolean;
  colourProfile: boolean;
  /** Whether it says how many pixels an inch has. */
  density: boolean;
  alpha: boolean;
};
export type MaskFileFacts = {
  width: number;
  height: number;
  /** Share of the pixels that are white: where the picture is said to be simulated. */
  white: number;
};

/** @throws where the file cannot be read */
export async function readPictureFileFacts(path: string): Promise<PictureFileFacts> {
  const [metadata, coding] = await Promise.all([
    sharp(path, { limitInputPixels: false }).metadata(),
    readJpegCoding(path),
  ]);
  return {
    quality: coding?.quality ?? null,
    subsampled: coding ? coding.chromaSubsampling === '4:2:0' : null,
    progressive: metadata.isProgressive ?? false,
    exif: metadata.exif !== undefined,
    xmp: metadata.xmp !== undefined,
    colourProfile: metadata.icc !== undefined,
    density: metadata.density !== undefined,
    alpha: metadata.hasAlpha ?? false,
  };
}

/** White as `readMask` reads it: brighter than half. @throws where the file cannot be read */
export async function readMaskFileFacts(path: string, maximumPixels: number): Promise<MaskFileFacts> {
  const { data, info } = await sharp(path, { limitInputPixels: maximumPixels })
    .removeAlpha()
    .toColourspace('b-w')
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true });
  let white = 0;
  for (const value of data) if (value > 127) white++;
  return { width: info.width, height: info.height, white: white / data.length };
}
