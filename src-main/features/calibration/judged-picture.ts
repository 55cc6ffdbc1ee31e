/** What the statement on a picture asks of its file and pixels, apart from what the detector says. */
import { readJpegCoding } from '#compute/decoding/jpeg-coding.ts';
import { isGrey } from '#engine/evaluation/validated-domain.ts';
import type { RgbImage } from '#engine/ports.ts';

export interface JudgedPicture {
  width: number;
  height: number;
  /** E.g. `jpeg`, `png`. */
  format: string;
  /** Of libjpeg, 1 to 100; null where it is no JPEG. */
  quality: number | null;
  /** No pixel has any colour. */
  grey: boolean;
  /** This program rendered it. */
  rendered: boolean;
}

/** @throws where the file cannot be read */
export async function describePicture(
  file: string,
  { image, format, rendered }: { image: RgbImage; format: string; rendered: boolean },
): Promise<JudgedPicture> {
  const coding = format === 'jpeg' ? await readJpegCoding(file) : null;
  const { width, height } = image;
  return { width, height, format, quality: coding?.quality ?? null, grey: isGrey(image), rendered };
}
