/**
 * The pictures of a report: the judged picture, and its maps in colours. They are made from stored files that are hashed again
 * before, and are the same for the same files. They are decoded in a process that can be killed, since a bundle brings the files of
 * others. How large they are follows from how many there are, so that a report of fifty pictures can still be sent by mail.
 */
import { AppError } from '#contract/errors.ts';
import type { DrawnImage, DrawRequest } from '#contract/judge-messages.ts';
import type { MapReference } from '#contract/media.ts';
import type { Examiner } from '#compute/decoding/examiner.ts';
import type { ReadableBlobs } from './readable-blobs.ts';
import type { PictureView } from './report-view.ts';

export type ReportImage = DrawnImage;
/** By their keys. One whose stored file is gone or no longer what it was is not there. */
export type ReportImages = ReadonlyMap<string, ReportImage>;

/** Longest sides in pixels: of the picture and its main map, and of the other maps. */
export type ImageSizes = { large: number; small: number };

/** For all images together, before they are written as text, which takes a third more. */
const budgetBytes = 19e6;
/** Bytes a pixel that photographs (as JPEG) and coloured maps (as PNG) take, as measured; noise takes more. */
const photographRate = 0.3;
const mapRate = 0.5;
const thumbnailSide = 160;
/** A picture of 4 to 3 fills so much of its square. */
const fill = 0.75;

export const imageKeys = {
  picture: (view: PictureView): string => `picture-${view.number}`,
  simulation: (view: PictureView): string => `picture-${view.number}-simulation`,
  kernel: (view: PictureView, index: number): string => `picture-${view.number}-kernel-${index + 1}`,
  localSpectrum: (view: PictureView): string => `picture-${view.number}-local`,
  blockSpectrum: (view: PictureView): string => `picture-${view.number}-block`,
  globalSpectrum: (view: PictureView): string => `picture-${view.number}-global`,
  tileScores: (view: PictureView): string => `picture-${view.number}-tiles`,
  thumbnail: (view: PictureView): string => `picture-${view.number}-thumbnail`,
  analysis: (view: PictureView, analysis: string, index: number): string =>
    `picture-${view.number}-${analysis}-${index + 1}`,
};

/** As large as the budget and the paper allow. */
export function imageSizes(pictures: readonly PictureView[]): ImageSizes {
  const judged = pictures.filter(({ verdict }) => verdict !== null).length;
  const small = pictures.flatMap(smallMaps).length;
  const bytesPerSquare = fill * (judged * (photographRate + mapRate) + (small * mapRate) / 4);
  const side = Math.sqrt(budgetBytes / Math.max(bytesPerSquare, 1e-6));
  const large = Math.round(Math.min(1400, Math.max(240, side)));
  return { large, small: Math.round(large / 2) };
}

type WantedMap = { key: string; map: MapReference; range?: { min: number; max: number } };
const unit = { min: 0, max: 1 };

function smallMaps(view: PictureView): WantedMap[] {
  const { verdict, analyses } = view;
  return [
    ...(verdict?.maps.kernels ?? []).map((map, index) => ({
      key: imageKeys.kernel(view, index),
      map,
      range: unit,
    })),
    ...(verdict
      ? [
          { key: imageKeys.localSpectrum(view), map: verdict.maps.localSpectrum },
          ...(verdict.maps.blockSpectrum
            ? [{ key: imageKeys.blockSpectrum(view), map: verdict.maps.blockSpectrum }]
            : []),
          { key: imageKeys.globalSpectrum(view), map: verdict.maps.globalSpectrum },
          { key: imageKeys.tileScores(view), map: verdict.maps.tileScores },
        ]
      : []),
    ...analyses.flatMap(({ analysis, maps }) =>
      maps.map((map, index) => ({ key: imageKeys.analysis(view, analysis, index), map })),
    ),
  ];
}

/** Errors: `cancelled`, where `tell` throws it or the examiner is closed. */
export async function makeImages(
  pictures: readonly PictureView[],
  { blobs, examiner }: { blobs: ReadableBlobs; examiner: Examiner },
  tell: (done: number) => void = () => undefined,
): Promise<ReportImages> {
  const sizes = imageSizes(pictures);
  const images = new Map<string, ReportImage>();
  for (const [index, view] of pictures.entries()) {
    tell(index);
    const drawn = await Promise.all(
      wantedOf(view, sizes).map(async ({ key, blob, as }) => {
        const bytes = await blobs.read(blob);
        const name = `${key} of ${view.name}`;
        return { key, image: bytes && (await examiner.draw({ bytes, name, as }).catch(notDrawn)) };
      }),
    );
    for (const { key, image } of drawn) if (image) images.set(key, image);
  }
  return images;
}

/** What cannot be decoded, or ends the process that tries, is not there. */
function notDrawn(cause: unknown): null {
  const error = AppError.from(cause);
  if (error.code === 'cancelled') throw error;
  return null;
}

type Wanted = { key: string; blob: string; as: DrawRequest['as'] };

function wantedOf(view: PictureView, sizes: ImageSizes): Wanted[] {
  const { verdict, evidence } = view;
  const shown = verdict?.preview ?? evidence?.thumbnail;
  const small = evidence?.thumbnail ?? verdict?.preview;
  const photograph = (key: string, blob: string, side: number): Wanted => ({
    ...{ key, blob },
    as: { kind: 'photograph', side },
  });
  const coloured = ({ key, map, range = map }: WantedMap, side: number): Wanted => ({
    ...{ key, blob: map.blob },
    as: { kind: 'map', side, bits: map.bits, min: map.min, max: map.max, from: range.min, to: range.max },
  });
  return [
    ...(shown ? [photograph(imageKeys.picture(view), shown, sizes.large)] : []),
    ...(small ? [photograph(imageKeys.thumbnail(view), small, thumbnailSide)] : []),
    ...(verdict
      ? [
          coloured(
            { key: imageKeys.simulation(view), map: verdict.maps.simulation, range: unit },
            sizes.large,
          ),
        ]
      : []),
    ...smallMaps(view).map((wanted) => coloured(wanted, sizes.small)),
  ];
}
