/** A small folder of rendered scenes, laid out as the method's study expects its pictures. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { renderScenes } from '#features/samples/scene-renderer.ts';

const width = 160;
const height = 128;

/** Names of pictures below the folder, by what they are. */
export const studyPictures = {
  training: [0, 1, 2].map((i) => `real/bsds500/${i}.jpg`),
  broad: ['real/unsplash_portraits/man.jpg'],
  test: [0, 1, 2, 3].map((i) => `real/bsds500_test/${i}.jpg`),
  real: [
    'real/casia1_au/Au_ani_0001.jpg',
    'real/casia1_au/Au_sec_0007.jpg',
    'real/casia1_au/Au_txt_0009.jpg',
    'real/imd2020_orig/a_orig.jpg',
    'real/imd2020_orig/b_orig.jpg',
  ],
  manipulated: [
    'manipulated/casia1_splice/images/Sp_D_CNN_A_ani0001_sec0003_0265.jpg',
    'manipulated/casia1_copymove/images/Sp_S_CRN_A_pla0023_pla0023_0229.jpg',
    'manipulated/imd2020/images/x_0.jpg',
    'manipulated/imd2020/images/y_0.jpg',
    'manipulated/erlangen_copymove/images/tree_copy.jpg',
  ],
  originals: ['manipulated/deepfillv2_inpaint/originals/case2.jpg'],
  generated: ['generated/sdxl/one.jpg'],
} as const;

/** Writes the scenes, and for every manipulated one a mask whose left half is white. */
export async function writeStudyData(folder: string): Promise<void> {
  const names = Object.values(studyPictures).flat();
  let index = 0;
  for await (const { bytes } of renderScenes({ count: names.length, seed: 3, width, height })) {
    const path = join(folder, names[index++]!);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
  const mask = Buffer.from(
    Uint8Array.from({ length: width * height }, (_, i) => (i % width < width / 2 ? 255 : 0)),
  );
  for (const name of studyPictures.manipulated) {
    const path = join(folder, name.replace('/images/', '/masks/').replace(/jpg$/, 'png'));
    await mkdir(dirname(path), { recursive: true });
    await sharp(mask, { raw: { width, height, channels: 1 } })
      .png()
      .toFile(path);
  }
}
