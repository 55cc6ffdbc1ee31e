/** Whole held-out photographs, untouched and forged, written as files and judged as a person would have them judged. */
import { copyFile, mkdir } from 'node:fs/promises';
import sharp from 'sharp';
import { join } from 'node:path';
import type { PentimentoHandlers } from '#contract/api.ts';
import { renderedNotice } from '#compute/decoding/rendered-notice.ts';
import type { Progress } from '#contract/common.ts';
import type { Verdict } from '#contract/detection.ts';
import { AppError } from '#contract/errors.ts';
import type { MapReference } from '#contract/media.ts';
import type { Model } from '#contract/model.ts';
import { forge, forgeryOperations, type ForgeryOperation } from '#engine/evaluation/forgeries.ts';
import type { RgbImage } from '#engine/ports.ts';
import type { Random } from '#engine/random.ts';
import type { ReadPhotograph } from '#features/evaluation/forgery-trial.ts';
import { finishJob } from '#features/jobs/finish-job.ts';

/** One whole held-out photograph, as judged. */
export interface JudgedPhotograph {
  /** Null for an untouched one. */
  operation: ForgeryOperation | null;
  /** The picture that was judged, a PNG. */
  path: string;
  /** Where it was forged, white on black; null for an untouched one. */
  mask: string | null;
  verdict: Verdict;
  /** Grey PNG files beside the picture. */
  maps: string[];
}
type PictureFile = Pick<JudgedPhotograph, 'operation' | 'path' | 'mask'>;

export interface WholePhotographOptions {
  handlers: Pick<PentimentoHandlers, 'jobs' | 'detection'>;
  blobPath: (hash: string) => string;
  /** Where pictures, masks and maps are written. */
  folder: string;
  model: Model;
  random: Random;
  signal: AbortSignal;
  progress: (progress: Progress) => void;
}

/** One photograph for each operation, forged by it and untouched. */
async function writePictures(
  photographs: readonly ReadPhotograph[],
  { folder, random, signal, model }: WholePhotographOptions,
): Promise<PictureFile[]> {
  await mkdir(folder, { recursive: true });
  const order = random.shuffle(photographs);
  const files: PictureFile[] = [];
  for (const [i, operation] of forgeryOperations.slice(0, order.length).entries()) {
    signal.throwIfAborted();
    const image = await order[i]!();
    const donor = await order[(i + 1) % order.length]!();
    const forgery = forge(operation, image, { random: random.fork(operation), donor });
    const pathOf = (kind: string): string => join(folder, `${i + 1}-${operation}.${kind}.png`);
    const [path, mask, untouched] = [pathOf('forged'), pathOf('mask'), pathOf('untouched')];
    const white = forgery.mask.map((value) => 255 * value);
    const { rendered } = model.passport;
    await writePng(path, forgery.image, { rendered });
    await writePng(mask, { ...image, data: white });
    await writePng(untouched, image, { rendered });
    files.push({ operation, path, mask }, { operation: null, path: untouched, mask: null });
  }
  return files;
}

/** Grey or RGB, by the number of bytes; with the mark of rendered pictures where it is one. */
async function writePng(
  path: string,
  { width, height, data }: RgbImage,
  { rendered = false }: { rendered?: boolean } = {},
): Promise<void> {
  const channels = data.length === width * height ? 1 : 3;
  const picture = sharp(data, { raw: { width, height, channels }, limitInputPixels: false }).png();
  if (rendered) picture.withExif({ IFD0: { ImageDescription: renderedNotice } });
  await picture.toFile(path);
}

/** Copies a verdict's maps beside its picture. */
async function writeMaps(
  picture: string,
  { maps }: Verdict,
  blobPath: (hash: string) => string,
): Promise<string[]> {
  const kinds: [string, MapReference][] = [
    ['simulation-map', maps.simulation],
    ['local-spectrum', maps.localSpectrum],
    ['global-spectrum', maps.globalSpectrum],
  ];
  const written: string[] = [];
  for (const [kind, { blob }] of kinds) {
    const path = picture.replace(/\.png$/, `.${kind}.png`);
    await copyFile(blobPath(blob), path);
    written.push(path);
  }
  return written;
}

/** Forges, writes and judges. Errors: those of the detection job, `cancelled`. */
export async function judgeWholePhotographs(
  photographs: readonly ReadPhotograph[],
  options: WholePhotographOptions,
): Promise<JudgedPhotograph[]> {
  const { handlers, blobPath, model, signal, progress } = options;
  const files = await writePictures(photographs, options);
  const { jobId } = await handlers.detection.start({ paths: files.map(({ path }) => path), model: model.id });
  const job = await finishJob(handlers.jobs, jobId, {
    signal,
    changed: (now) => now.progress && progress(now.progress),
  });
  const result = job.kind === 'detection' ? job.result : null;
  if (!result) throw new AppError('internal', 'The detection ended without a result.');
  if (result.failed.length > 0) throw AppError.fromData(result.failed[0]!.error);
  const verdicts = new Map<string, Verdict>();
  for (const id of result.verdicts) {
    const verdict = (await handlers.detection.get({ id })) as Verdict;
    verdicts.set(verdict.path, verdict);
  }
  const judged: JudgedPhotograph[] = [];
  for (const file of files) {
    const verdict = verdicts.get(file.path);
    if (!verdict) throw new AppError('internal', `There is no verdict on ${file.path}.`);
    judged.push({ ...file, verdict, maps: await writeMaps(file.path, verdict, blobPath) });
  }
  return judged;
}
