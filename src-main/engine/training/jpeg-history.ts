/** The JPEG histories that crops of both classes go through alike. */
import type { JpegCodec, JpegCoding, RgbImage } from '../ports.ts';
import type { Random } from '../random.ts';
import type { TrainingConfig } from './training-config.ts';

/** How a crop is coded; null leaves it as it is. */
export type JpegHistory = JpegCoding | null;

/** Draws `count` histories by the configuration's share and range of qualities. */
export function drawHistories(config: TrainingConfig, count: number, random: Random): JpegHistory[] {
  const { jpegShare, jpegQualityLow, jpegQualityHigh } = config;
  return Array.from({ length: count }, () => {
    const coded = random.uniform() < jpegShare;
    const quality = jpegQualityLow + random.integer(jpegQualityHigh - jpegQualityLow + 1);
    const chromaSubsampling = random.uniform() < 0.5 ? '4:2:0' : '4:4:4';
    return coded ? { quality, chromaSubsampling } : null;
  });
}

/** The i-th picture through the i-th history. */
export const throughHistories = (
  pictures: readonly RgbImage[],
  histories: readonly JpegHistory[],
  codec: JpegCodec,
): Promise<RgbImage[]> =>
  Promise.all(
    pictures.map((picture, i) => {
      const history = histories[i]!;
      return history ? codec.roundTrip(picture, history) : picture;
    }),
  );
