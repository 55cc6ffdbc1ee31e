/** Rendered scenes as files that a run can train on. */
import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainerPhotograph, TrainerStart } from '#contract/trainer-messages.ts';
import { renderScenes } from '#features/samples/scene-renderer.ts';

/** Writes scenes of 144 x 128 pixels into a folder: those to train on first, then those to validate with. */
export async function writeTrainingScenes(
  folder: string,
  { train, validation }: { train: number; validation: number },
): Promise<TrainerPhotograph[]> {
  const photographs: TrainerPhotograph[] = [];
  for await (const { bytes } of renderScenes({
    count: train + validation,
    seed: 2,
    width: 144,
    height: 128,
  })) {
    const index = photographs.length;
    const path = join(folder, `scene-${index}.jpg`);
    writeFileSync(path, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const split = index < train ? 'train' : 'validation';
    photographs.push({ path, sha256, label: 'real', split, category: null, maskPath: null });
  }
  return photographs;
}

/** Overrides under which a run takes seconds. */
export const tinyOverrides = {
  realPerBatch: 2,
  stylePerBatch: 1,
  blendsPerBatch: 2,
  statisticsCrops: 16,
  metricEvery: 2,
  checkpointEvery: 2,
  evaluateEvery: 2,
  evaluateFrom: 0,
  evaluationCrops: 8,
};

/** A tiny run on WASM of four steps, in a new folder inside `folder`. */
export const tinyStart = (
  folder: string,
  photographs: TrainerPhotograph[],
  changes: Partial<TrainerStart> = {},
): TrainerStart => ({
  type: 'start',
  runId: 'run',
  photographs,
  datasetName: 'scenes',
  datasetManifestHash: 'a'.repeat(64),
  rendered: true,
  programVersion: '1.2.3',
  seed: 4,
  stop: { steps: 4 },
  backend: 'wasm',
  overrides: tinyOverrides,
  directory: mkdtempSync(join(folder, 'run-')),
  resumeFrom: null,
  trainedSeconds: 0,
  ...changes,
});
