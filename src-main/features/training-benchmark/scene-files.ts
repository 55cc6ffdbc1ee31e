/** Photographs for the benchmark: scenes that the program renders, as JPEG files, so that it needs nothing but itself. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import { renderScenes } from '#features/samples/scene-renderer.ts';

/** Enough to draw foreign regions from; each is decoded once. */
const SCENES = 8;

/** Renders scenes of 480 x 320 pixels into a folder. */
export async function writeScenes(folder: string, count = SCENES): Promise<TrainerPhotograph[]> {
  const photographs: TrainerPhotograph[] = [];
  for await (const { name, bytes } of renderScenes({ count, seed: 0 })) {
    const path = join(folder, name);
    await writeFile(path, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    photographs.push({ path, sha256, label: 'real', split: 'train', category: null, maskPath: null });
  }
  return photographs;
}
