/**
 * The pictures of a report: the judged picture, and its maps in colours. They are made from stored files that are hashed again
 * before, and are the same for the same files. How large they are follows from how many there are, so that a report of
 * fifty pictures can still be sent by mail.
 */
import { interpolateInferno } from 'd3-scale-chromatic';
import sharp from 'sharp';
import type { MapReference } from '#contract/media.ts';
import { decodeMap } from '#compute/map-image.ts';
import type { ReadableBlobs } from './readable-blobs.ts';
import { indexedPng } from './indexed-png.ts';
import type { PictureView } from './report-view.ts';

export type ReportImage = { src: string; width: number; height: number };
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

/** Errors: `cancelled`, where `tell` throws it. */
export async function makeImages(
  pictures: readonly PictureView[],
  blobs: ReadableBlobs,
  tell: (done: number) => void = () => undefined,
): Promise<ReportImages> {
  const sizes = imageSizes(pictures);
  const images = new Map<string, ReportImage>();
  for (const [index, view] of pictures.entries()) {
    tell(index);
    for (const { key, image } of await imagesOf(view, blobs, sizes)) if (image) images.set(key, image);
  }
  return images;
}

type Made = { key: string; image: ReportImage | null };

async function imagesOf(view: PictureView, blobs: ReadableBlobs, sizes: ImageSizes): Promise<Made[]> {
  const { verdict, evidence } = view;
  const shown = verdict?.preview ?? evidence?.thumbnail;
  const small = evidence?.thumbnail ?? verdict?.preview;
  const main = verdict && { key: imageKeys.simulation(view), map: verdict.maps.simulation, range: unit };
  return Promise.all([
    ...(shown
      ? [made(imageKeys.picture(view), blobs, shown, (bytes) => photograph(bytes, sizes.large))]
      : []),
    ...(small
      ? [made(imageKeys.thumbnail(view), blobs, small, (bytes) => photograph(bytes, thumbnailSide))]
      : []),
    ...(main ? [made(main.key, blobs, main.map.blob, (bytes) => colouredMap(bytes, main, sizes.large))] : []),
    ...smallMaps(view).map((wanted) =>
      made(wanted.key, blobs, wanted.map.blob, (bytes) => colouredMap(bytes, wanted, sizes.small)),
    ),
  ]);
}

async function made(
  key: string,
  blobs: ReadableBlobs,
  hash: string,
  make: (bytes: Uint8Array) => Promise<ReportImage>,
): Promise<Made> {
  const bytes = await blobs.read(hash);
  return { key, image: bytes && (await make(bytes).catch(() => null)) };
}

async function photograph(bytes: Uint8Array, side: number): Promise<ReportImage> {
  const { data, info } = await sharp(bytes)
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .jpeg({ quality: 82 })
    .toBuffer({ resolveWithObject: true });
  return { src: `data:image/jpeg;base64,${data.toString('base64')}`, width: info.width, height: info.height };
}

/** The colours of a map from its lowest to its highest value, RGB, [256 * 3]. */
export const colourTable = Uint8Array.from(
  Array.from({ length: 256 }, (_, index) => interpolateInferno(index / 255)).flatMap((colour) =>
    [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)),
  ),
);

/** A map whose sides are longer is averaged over squares; one that is much shorter is drawn in larger squares. */
async function colouredMap(bytes: Uint8Array, { map, range }: WantedMap, side: number): Promise<ReportImage> {
  const { width, height, data } = averaged(await decodeMap(bytes, map), side);
  const { min, max } = range ?? map;
  const factor = Math.max(1, Math.floor(side / Math.max(width, height)));
  const indices = new Uint8Array(width * factor * height * factor);
  for (let y = 0; y < height * factor; y++)
    for (let x = 0; x < width * factor; x++) {
      const value = data[Math.floor(y / factor) * width + Math.floor(x / factor)]!;
      const share = max > min ? (value - min) / (max - min) : 0;
      indices[y * width * factor + x] = Math.round(255 * Math.min(1, Math.max(0, share)));
    }
  const png = indexedPng(width * factor, height * factor, indices, colourTable);
  return {
    src: `data:image/png;base64,${png.toString('base64')}`,
    width: width * factor,
    height: height * factor,
  };
}

type Values = { width: number; height: number; data: Float32Array };

function averaged(map: Values, side: number): Values {
  const factor = Math.ceil(Math.max(map.width, map.height) / side);
  if (factor <= 1) return map;
  const [width, height] = [Math.ceil(map.width / factor), Math.ceil(map.height / factor)];
  const sums = new Float64Array(width * height);
  const counts = new Uint32Array(width * height);
  for (let y = 0; y < map.height; y++)
    for (let x = 0; x < map.width; x++) {
      const at = Math.floor(y / factor) * width + Math.floor(x / factor);
      sums[at]! += map.data[y * map.width + x]!;
      counts[at]!++;
    }
  return { width, height, data: Float32Array.from(sums, (sum, at) => sum / counts[at]!) };
}
