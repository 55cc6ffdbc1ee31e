/** The derived files of a verdict: maps as grey PNG, and a picture that any browser shows. */
import sharp from 'sharp';
import type { Verdict } from '#contract/detection.ts';
import type { MapReference } from '#contract/media.ts';
import { encodeMap, type MapPixels } from '#compute/map-image.ts';
import type { RgbImage } from '#engine/ports.ts';
import type { Judgement } from '#inference/judge-photograph.ts';
import type { BlobStore } from '#storage/blob-store.ts';

/** Longest side of a preview in pixels; a picture up to this size is shown unscaled. */
export const PREVIEW_SIDE = 2560;

/** Stores every map of a judgement and answers with its references. */
export async function storeMaps(
  blobs: BlobStore,
  { maps, seen }: Pick<Judgement, 'maps' | 'seen'>,
): Promise<Verdict['maps']> {
  const store = async (map: MapPixels, bits: 8 | 16, unit: string): Promise<MapReference> => {
    const { png, ...facts } = await encodeMap(map, { bits });
    return { blob: (await blobs.put(png, 'image/png', 'derived')).hash, ...facts, unit };
  };
  const kernels: MapReference[] = [];
  for (const map of maps.kernels) kernels.push(await store(map, 8, 'P_i'));
  return {
    covers: seen,
    simulation: await store(maps.simulation, 16, 'P'),
    kernels,
    localSpectrum: await store(maps.localSpectrum, 16, 'RMS of A - L'),
    globalSpectrum: await store(maps.globalSpectrum, 16, 'ln(1 + |DCT|)'),
    tileScores: await store(maps.tileScores, 16, 'logit'),
  };
}

/** Stores the picture's pixels as PNG, reduced only where a side is longer than `PREVIEW_SIDE`; answers with its hash. */
export async function storePreview(blobs: BlobStore, image: RgbImage): Promise<string> {
  const { width, height, data } = image;
  const png = await sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .resize(PREVIEW_SIDE, PREVIEW_SIDE, { fit: 'inside', withoutEnlargement: true })
    .png({ compressionLevel: 4 })
    .toBuffer();
  return (await blobs.put(png, 'image/png', 'derived')).hash;
}
