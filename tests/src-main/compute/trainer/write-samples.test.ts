import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import { writeSamples } from '#compute/trainer/write-samples.ts';
import { sampleFiles } from '#contract/trainer-messages.ts';
import { AdversarialTrainer } from '#engine/training/trainer.ts';
import { sceneSource, tinyConfig, tinyPorts } from '#tests/support/tiny-training.ts';

test.each([
  ['blend', { styled: false, masks: 4 }],
  ['none', { styled: false, masks: 0 }],
] as const)('generator mode %s: what is not made has no file, all else has one', async (mode, made) => {
  const folder = await mkdtemp(join(tmpdir(), 'pentimento-samples-'));
  try {
    const ports = tinyPorts(await createWasmBackend(), await sceneSource(2));
    const trainer = await AdversarialTrainer.begin(tinyConfig({ generatorMode: mode }), 1, ports);
    const [sample] = await writeSamples(await trainer.theatre(1), folder, 0);
    expect(sampleFiles.parse(sample)).toEqual(sample);
    expect(sample!.styled !== null).toBe(made.styled);
    expect(sample!.masks).toHaveLength(made.masks);
    expect(sample!.maps).toHaveLength(4);
    const { masks, maps } = sample!.kernelCosines;
    expect(masks === null).toBe(made.masks === 0);
    for (const matrix of [maps, ...(masks ? [masks] : [])])
      matrix.forEach((row, i) => {
        expect(row).toHaveLength(4);
        expect(row[i]).toBeCloseTo(1, 5);
        row.forEach((cosine, j) => expect(cosine).toBeCloseTo(matrix[j]![i]!, 5));
      });
    for (const path of [sample!.blended, sample!.fusedMask.path, sample!.fusedMap.path])
      expect(existsSync(path), path).toBe(true);
  } finally {
    await rm(folder, { recursive: true });
  }
});
