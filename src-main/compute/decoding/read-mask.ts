/** The true mask of a manipulated picture: white where it was edited. */
import sharp from 'sharp';
import { AppError } from '#contract/errors.ts';

/**
 * The mask of a picture: one byte a pixel, 1 where it is brighter than half.
 * @throws AppError `invalid_mask` where it cannot be read or is not as large as its picture
 */
export async function readMask(
  path: string,
  { width, height }: { width: number; height: number },
): Promise<Uint8Array> {
  const invalid = (what: string, cause?: unknown): AppError =>
    new AppError('invalid_mask', `The mask ${path} ${what}.`, { cause });
  const { data, info } = await sharp(path, { limitInputPixels: width * height })
    .removeAlpha()
    .toColourspace('b-w')
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw invalid(`cannot be read (${cause instanceof Error ? cause.message : String(cause)})`, cause);
    });
  if (info.width !== width || info.height !== height)
    throw invalid(`has ${info.width} x ${info.height} pixels, its picture ${width} x ${height}`);
  return Uint8Array.from(data, (value) => (value > 127 ? 1 : 0));
}
