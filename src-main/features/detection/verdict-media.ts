/** The derived files of a verdict, put into the blob store: maps as grey PNG, and a picture that any browser shows. */
import type { Verdict } from '#contract/detection.ts';
import type { EncodedMap, JudgedMedia } from '#contract/judge-messages.ts';
import type { MapReference } from '#contract/media.ts';
import type { BlobStore } from '#storage/blob-store.ts';

/** Answers with the references of the files. */
export async function storeMedia(
  blobs: BlobStore,
  { covers, preview, kernels, ...maps }: JudgedMedia,
): Promise<Pick<Verdict, 'maps' | 'preview'>> {
  const store = async ({ png, ...facts }: EncodedMap): Promise<MapReference> => ({
    blob: (await blobs.put(png, 'image/png', 'derived')).hash,
    ...facts,
  });
  const storedKernels: MapReference[] = [];
  for (const kernel of kernels) storedKernels.push(await store(kernel));
  return {
    maps: {
      covers,
      simulation: await store(maps.simulation),
      kernels: storedKernels,
      localSpectrum: await store(maps.localSpectrum),
      blockSpectrum: maps.blockSpectrum && (await store(maps.blockSpectrum)),
      globalSpectrum: await store(maps.globalSpectrum),
      tileScores: await store(maps.tileScores),
    },
    preview: (await blobs.put(preview, 'image/png', 'derived')).hash,
  };
}
