/**
 * The probe of fairness.test.ts on photographs and generated pictures of many formats and sizes. Here the two classes also
 * show different things (skies, faces, renderings), which the traces in the pixels are not free of; so of the pixels only
 * this is asked, that most of what tells the classes apart as they are is gone.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { probePhotograph } from '#compute/decoding/decode-photograph.ts';
import { jpegCodec } from '#compute/trainer/jpeg-codec.ts';
import { selectKnownFakes } from '#compute/trainer/known-fake-source.ts';
import { photographSource } from '#compute/trainer/photographs.ts';
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import type { PhotographSource } from '#engine/ports.ts';
import { asTheyAre, classCrops, type ClassSources } from '#tests/support/class-crops.ts';
import { fileFacts, markedSource, markingCodec } from '#tests/support/coding-marks.ts';
import { fileTraces } from '#tests/support/file-traces.ts';
import { probeAuc } from '#engine/evaluation/linear-probe.ts';
import { sharedData } from '#tests/support/shared-data.ts';

const NOTHING = 0.05;

/** Up to `most` pictures of a folder that are large enough for a crop. */
async function pictures(
  folder: string,
  label: 'real' | 'simulated',
  most = 40,
): Promise<TrainerPhotograph[]> {
  const chosen: TrainerPhotograph[] = [];
  for (const name of readdirSync(join(sharedData()!, folder)).sort()) {
    const path = join(sharedData()!, folder, name);
    const { width, height } = await probePhotograph(path);
    if (chosen.length === most || Math.min(width, height) < 64) continue;
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
    chosen.push({ path, sha256, label, split: 'train', category: 'generated', maskPath: null });
  }
  return chosen;
}

async function photographsAndGenerated() {
  const sources = ['bsds500', 'ffhq_faces', 'imagenet_samples', 'pscc_samples'];
  const generators = readdirSync(join(sharedData()!, 'generated')).sort();
  const all = async (folders: string[], label: 'real' | 'simulated') =>
    (await Promise.all(folders.map((folder) => pictures(folder, label)))).flat();
  return {
    real: await all(
      sources.map((name) => `real/${name}`),
      'real',
    ),
    fakes: await all(
      generators.map((name) => `generated/${name}`),
      'simulated',
    ),
  };
}

/** Marks in place of pixels, with the sizes and the codings of the files. */
async function marks(photographs: readonly TrainerPhotograph[], source: PhotographSource) {
  const files = photographs.map(async ({ path }, index) => {
    const { width, height } = await probePhotograph(path);
    return { width, height, coding: await source.coding!(index) };
  });
  return markedSource(await Promise.all(files));
}

describe.skipIf(!sharedData())('photographs and generated pictures', () => {
  test('are told apart by nothing in the facts of their files, and by far less in their pixels', async () => {
    const { real, fakes } = await photographsAndGenerated();
    const selection = await selectKnownFakes(fakes, { crop: 64, sharing: real.length + fakes.length });
    expect(selection.joining).toEqual(fakes);
    const sources: ClassSources = { real: photographSource(real), fakes: selection.source };

    const marked = { real: await marks(real, sources.real), fakes: await marks(fakes, sources.fakes) };
    const byFacts = async (from: ClassSources, perClass: number) => {
      const crops = await classCrops(from, { perClass, codec: markingCodec, knownFakeShare: 1 });
      return probeAuc(crops.pictures.map(fileFacts), crops.labels, crops.pairs);
    };
    expect(Math.abs((await byFacts(marked, 2000)) - 0.5)).toBeLessThan(NOTHING);
    expect(await byFacts(asTheyAre(marked), 500)).toBeGreaterThan(0.65);

    const byPixels = async (from: ClassSources) => {
      const crops = await classCrops(from, { perClass: 300, codec: jpegCodec, knownFakeShare: 1 });
      const traces = crops.pictures.map((picture) => Object.values(fileTraces(picture)));
      return probeAuc(traces, crops.labels, crops.pairs);
    };
    const [equal, unequal] = [await byPixels(sources), await byPixels(asTheyAre(sources))];
    expect(equal).toBeLessThan(unequal - 2 * NOTHING);
  }, 120_000);
});
