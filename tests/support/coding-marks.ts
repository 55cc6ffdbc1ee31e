/**
 * Pictures whose every pixel says how their file was last coded, and a codec that only writes that down. What reaches the
 * detector then tells its own history, and thousands of crops cost nothing.
 */
import type { JpegCodec, JpegCoding, PhotographSource, RgbImage } from '#engine/ports.ts';

/** Of so many pixels one is looked at for the mark of a crop's larger part. */
const SAMPLED = 13;

/** Red: quality, 0 for a file that is no JPEG. Green: 1 where chroma is subsampled. Blue: nothing. */
function marked(width: number, height: number, coding: JpegCoding | null): RgbImage {
  const data = new Uint8Array(width * height * 3);
  if (coding)
    for (let p = 0; p < data.length; p += 3) {
      data[p] = coding.quality;
      data[p + 1] = Number(coding.chromaSubsampling === '4:2:0');
    }
  return { width, height, data };
}

export const markingCodec: JpegCodec = {
  roundTrip: ({ width, height }, coding) => Promise.resolve(marked(width, height, coding)),
};

export interface CodedFile {
  width: number;
  height: number;
  coding: JpegCoding | null;
}

/** Marked pictures in place of files, of the same sizes and codings. */
export function markedSource(files: readonly CodedFile[]): PhotographSource {
  const pictures = files.map(({ width, height, coding }) => marked(width, height, coding));
  return {
    count: files.length,
    read: (index) => Promise.resolve(pictures[index]!),
    coding: (index) => Promise.resolve(files[index]!.coding),
  };
}

/**
 * The file-level facts of a crop out of a marked picture, as a probe takes them: size, whether it was a JPEG, the quality in
 * bands, chroma subsampling. A blend bears two marks; the one of its larger part, its host, counts.
 */
export function fileFacts({ width, height, data }: RgbImage): number[] {
  const counts = new Map<number, number>();
  for (let p = 0; p < data.length; p += 3 * SAMPLED) {
    const mark = data[p]! * 2 + data[p + 1]!;
    counts.set(mark, (counts.get(mark) ?? 0) + 1);
  }
  const mark = [...counts].sort(([, a], [, b]) => b - a)[0]![0];
  const [quality, subsampled] = [mark >> 1, mark & 1];
  const bands = [70, 75, 80, 85, 90, 95, 101];
  const band = bands.findIndex((end) => quality < end);
  return [
    width,
    height,
    Number(quality > 0),
    quality,
    subsampled,
    ...bands.map((_, i) => Number(i === band)),
  ];
}
