/** The workspace that `bench ui` looks at: a case of many items, one large photograph with maps over it, and many small ones. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { AppError } from '#contract/errors.ts';
import { fillCase } from '#features/store-benchmark/fill-case.ts';
import { tinyPicture, writePictures } from '#features/store-benchmark/tiny-pictures.ts';
import type { App } from '../../create-app.ts';

/** Pixels of the large photograph. */
export const LARGE = { width: 6000, height: 4000 };
/** One more than are measured: the first one is where the map is chosen. */
const LARGES = 4;
const THUMBNAILS = 200;
/** Analyses whose maps lie over the large photograph. */
const analyses = ['error-level', 'noise-level'];

export interface UiWorkspace {
  /** Ids. */
  manyCase: string;
  largeCase: string;
  /** Photographs of 24 megapixels, each with maps over it. */
  large: string[];
  photographs: string[];
}

/** @param items of the large case; @param photographs small ones, to open and close */
export async function makeUiWorkspace(
  { services, workspace }: Pick<App, 'services' | 'workspace'>,
  folder: string,
  { items, photographs }: { items: number; photographs: number },
): Promise<UiWorkspace> {
  const { cases, evidence, jobs } = services;
  const many = await cases.create({ name: 'Many items' });
  const thumbnails: string[] = [];
  for (let at = 0; at < THUMBNAILS; at++) {
    const webp = await sharp(tinyPicture(at)).resize(256, 256).webp().toBuffer();
    thumbnails.push((await workspace.blobs.put(webp, 'image/webp', 'derived')).hash);
  }
  await fillCase(workspace, many.id, items, { thumbnails });

  const large = await cases.create({ name: 'Photographs' });
  const pictures = join(folder, 'pictures');
  await mkdir(pictures);
  const largeFiles = Array.from({ length: LARGES }, (_, at) => join(pictures, `large-${at}.jpg`));
  for (const [at, file] of largeFiles.entries()) await largePhotograph(file, at);
  const small = writePictures(pictures, 0, photographs);
  const settled = async ({ jobId }: { jobId: string }): Promise<void> => {
    const job = await jobs.wait(jobId);
    if (job.state !== 'done')
      throw new AppError(
        'internal',
        `${job.title} is ${job.state}: ${job.error?.message ?? 'it says no reason'}`,
      );
  };
  const paths = [...largeFiles, ...small];
  await settled(await evidence.takeIn({ paths, case: large.id, storage: 'copy' }));
  const all = await evidence.items(
    large.id,
    {},
    { sort: 'pixels', descending: true },
    { offset: 0, limit: 1000 },
  );
  const ids = all.items.map(({ id }) => id);
  const [largest, others] = [ids.slice(0, LARGES), ids.slice(LARGES)];
  await settled(
    await services.analyses.start({
      case: large.id,
      items: largest,
      only: analyses,
      parameters: {},
      references: {},
    }),
  );
  return { manyCase: many.id, largeCase: large.id, large: largest, photographs: others };
}

/** Coloured noise of several sizes, as hard to code as a photograph, saved once as a camera does. */
async function largePhotograph(file: string, number: number): Promise<void> {
  const noise = (side: number, sigma: number) =>
    sharp({
      create: {
        ...{ width: Math.ceil(LARGE.width / side), height: Math.ceil(LARGE.height / side), channels: 3 },
        background: '#808080',
        noise: { type: 'gaussian', mean: 120 + 4 * number, sigma },
      },
    })
      .resize(LARGE.width, LARGE.height, { kernel: 'cubic', fit: 'fill' })
      .png({ compressionLevel: 0 })
      .toBuffer();
  const [coarse, fine] = [await noise(64, 60), await noise(2, 24)];
  await sharp(coarse)
    .composite([{ input: fine, blend: 'soft-light' }])
    .jpeg({ quality: 92 })
    .toFile(file);
}
