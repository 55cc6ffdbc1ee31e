/** One picture from its file to what is said of it: decoded, judged, and its maps encoded, with nothing stored. */
import sharp from 'sharp';
import type { ScoreParts } from '#contract/explanation.ts';
import type { EncodedMap, JudgedMedia, JudgeRequest } from '#contract/judge-messages.ts';
import { isGrey } from '#engine/evaluation/validated-domain.ts';
import type { MapCounts } from '#engine/evaluation/map-agreement.ts';
import type { RgbImage } from '#engine/ports.ts';
import { explainScore } from '#inference/explain-score.ts';
import type { Detector } from '#inference/detector-session.ts';
import { judgePhotograph, type Judgement } from '#inference/judge-photograph.ts';
import type { MapPixels } from '#inference/stitched-map.ts';
import { decodePhotograph, type PhotographFacts } from '../decoding/decode-photograph.ts';
import { readJpegCoding } from '../decoding/jpeg-coding.ts';
import { readMask } from '../decoding/read-mask.ts';
import { encodeMap } from '../map-image.ts';
import { mapCounts } from './map-counts.ts';

/** Longest side of a preview in pixels; a picture up to this size is shown unscaled. */
export const PREVIEW_SIDE = 2560;

/** What a statement asks of the pixels and the coding, beside the facts. */
export interface PictureTraits {
  /** Of libjpeg, 1 to 100; null where it is no JPEG. */
  quality: number | null;
  /** No pixel has any colour. */
  grey: boolean;
}

export interface DecodedPicture {
  facts: PhotographFacts;
  traits: PictureTraits;
  image: RgbImage;
  /** As `readMask` has it; null where none was named. */
  mask: Uint8Array | null;
  decodeMs: number;
}

export interface JudgedPicture {
  facts: PhotographFacts;
  traits: PictureTraits;
  judgement: Omit<Judgement, 'maps'>;
  /** The map's values inside and outside the mask; null where none was named. */
  map: MapCounts | null;
  /** Null where only the score was asked for. */
  media: JudgedMedia | null;
  /** Null where only the score was asked for. */
  parts: ScoreParts | null;
  /** That judged it; two where the first one failed in the middle. */
  provider: string;
  /** `runtime`: of `infer`, what ONNX Runtime itself ran for. */
  ms: { decode: number; infer: number; runtime: number };
}

/** Errors: those of `decodePhotograph`, with the tile size of the model as its least side; `invalid_mask`. */
export async function decodePicture(
  { file, name, maximumPixels, mask }: Omit<JudgeRequest, 'depth'>,
  minimumSide: number,
): Promise<DecodedPicture> {
  const begun = performance.now();
  const limits = { name, minimumSide, ...(maximumPixels === undefined ? {} : { maximumPixels }) };
  const { image, ...facts } = await decodePhotograph(file, limits);
  const coding = facts.format === 'jpeg' ? await readJpegCoding(file) : null;
  const traits = { quality: coding?.quality ?? null, grey: isGrey(image) };
  // Before anything is judged: a picture whose mask is wrong is not half counted.
  const truth = mask === undefined ? null : await readMask(mask, image);
  return { facts, traits, image, mask: truth, decodeMs: performance.now() - begun };
}

/** Errors: those of `judgePhotograph`. */
export async function judgePicture(
  detector: Detector,
  { facts, traits, image, mask, decodeMs }: DecodedPicture,
  {
    depth,
    ...options
  }: Pick<JudgeRequest, 'depth'> & {
    signal?: AbortSignal;
    progress?: (done: number, total: number) => void;
  },
): Promise<JudgedPicture> {
  const begun = performance.now();
  const runtimeBefore = detector.runtimeMs;
  const providerBefore = detector.provider;
  const { maps, ...judgement } = await judgePhotograph(detector, image, {
    ...options,
    overlap: depth === 'full',
  });
  const parts = depth === 'full' ? await explainScore(detector, image, judgement) : null;
  const runtime = detector.runtimeMs - runtimeBefore;
  const ms = { decode: decodeMs, infer: performance.now() - begun, runtime };
  const media = depth === 'full' ? await encodeMedia(image, maps, judgement.seen) : null;
  const map = mask && mapCounts(mask, image.width, { maps, seen: judgement.seen });
  const after = detector.provider;
  const provider = providerBefore === after ? after : `${providerBefore}, then ${after}`;
  return { facts, traits, judgement, map, media, parts, provider, ms };
}

async function encodeMedia(
  image: RgbImage,
  maps: Judgement['maps'],
  covers: Judgement['seen'],
): Promise<JudgedMedia> {
  const encode = async (map: MapPixels, bits: 8 | 16, unit: string): Promise<EncodedMap> => ({
    ...(await encodeMap(map, { bits })),
    unit,
  });
  const kernels: EncodedMap[] = [];
  for (const map of maps.kernels) kernels.push(await encode(map, 8, 'P_i'));
  return {
    covers,
    simulation: await encode(maps.simulation, 16, 'P'),
    kernels,
    localSpectrum: await encode(maps.localSpectrum, 16, 'RMS of A - L'),
    blockSpectrum: maps.blockSpectrum && (await encode(maps.blockSpectrum, 16, 'RMS of A')),
    globalSpectrum: await encode(maps.globalSpectrum, 16, 'ln(1 + |DCT|)'),
    tileScores: await encode(maps.tileScores, 16, 'logit'),
    preview: await encodePreview(image),
  };
}

/** The picture's pixels as PNG, reduced only where a side is longer than `PREVIEW_SIDE`. */
const encodePreview = ({ width, height, data }: RgbImage): Promise<Buffer> =>
  sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .resize(PREVIEW_SIDE, PREVIEW_SIDE, { fit: 'inside', withoutEnlargement: true })
    .png({ compressionLevel: 4 })
    .toBuffer();
