/** The exported file against the network that it was traced from: the same weights must give the same answer. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import { decodePhotograph } from '#compute/decoding/decode-photograph.ts';
import { describeModel, traceDetector, writeDetector } from '#compute/trainer/export-detector.ts';
import { writeFileWhole } from '#compute/write-file.ts';
import { frozenDetector } from '#engine/models/frozen-detector.ts';
import type { HostTensor, RgbImage } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import { alignedCrop } from '#engine/training/crops.ts';
import { networkConfig } from '#engine/training/training-config.ts';
import { AdversarialTrainer } from '#engine/training/trainer.ts';
import { openDetector, type Detector } from '#inference/detector-session.ts';
import { exampleStart } from '#tests/support/exported-detector.ts';
import { sharedData } from '#tests/support/shared-data.ts';
import { sceneSource, tinyConfig, tinyPorts } from '#tests/support/tiny-training.ts';
import { largestDifference } from '#tests/support/golden.ts';

/** Of probabilities and of map values. */
const BOUND = 1e-4;
const CROPS = 32;

let trainer: AdversarialTrainer;
let exported: Detector;
let folder: string;
beforeAll(async () => {
  const backend = await createWasmBackend();
  trainer = await AdversarialTrainer.begin(tinyConfig(), 5, tinyPorts(backend, await sceneSource(4)));
  for (let i = 0; i < 2; i++) await trainer.iterate(0);
  folder = mkdtempSync(join(tmpdir(), 'pentimento-test-'));
  const path = join(folder, 'detector.onnx');
  await writeFileWhole(
    path,
    writeDetector(await traceDetector(trainer.state), describeModel(exampleStart, trainer.state, null, 0)),
  );
  exported = await openDetector(path);
}, 120_000);
afterAll(async () => {
  await exported.dispose();
  rmSync(folder, { recursive: true });
});

const sigmoid = (values: ArrayLike<number>): number[] => Array.from(values, (x) => 1 / (1 + Math.exp(-x)));

async function compare(crops: RgbImage[]): Promise<void> {
  const { vectors, config } = trainer.state;
  const fn = frozenDetector(networkConfig(config), {
    weights: vectors.detectorAverage,
    running: vectors.detectorAverageRunning,
    spectral: vectors.spectral,
  });
  const side = config.crop;
  const pixels = Uint8Array.from(crops.flatMap((crop) => Array.from(crop.data)));
  const input: HostTensor = {
    dtype: 'int32',
    shape: [crops.length, side, side, 3],
    data: Int32Array.from(pixels),
  };
  const backend = await createWasmBackend();
  const eager = await (await backend.prepare('detector', fn, { pixels: input })).run({ pixels: input });
  const compiled = await exported.run(pixels, crops.length);
  expect(largestDifference(sigmoid(compiled.logit), sigmoid(eager['logit']!.data))).toBeLessThanOrEqual(
    BOUND,
  );
  expect(largestDifference(compiled.map, eager['map']!.data)).toBeLessThanOrEqual(BOUND);
  expect(largestDifference(compiled.maps, eager['maps']!.data)).toBeLessThanOrEqual(BOUND);
  const logits = new Set(compiled.logit);
  expect(logits.size, 'the crops are told apart at all').toBeGreaterThan(crops.length / 2);
}

describe('TensorFlow.js and ONNX Runtime agree', () => {
  test('on 32 crops of rendered scenes', async () => {
    const source = await sceneSource(4, 9);
    const random = new Random(1);
    const crops: RgbImage[] = [];
    for (let i = 0; i < CROPS; i++) crops.push(alignedCrop(await source.read(i % 4), 64, random));
    await compare(crops);
  });

  test.skipIf(!sharedData())('on 32 crops of real photographs', async () => {
    const photographs = join(sharedData()!, 'real', 'bsds500_test');
    const random = new Random(2);
    const crops: RgbImage[] = [];
    for (const name of readdirSync(photographs).slice(0, CROPS)) {
      crops.push(alignedCrop((await decodePhotograph(join(photographs, name))).image, 64, random));
    }
    expect(crops).toHaveLength(CROPS);
    await compare(crops);
  });

  test('in any batch size: a crop judged alone gets what it gets among others', async () => {
    const source = await sceneSource(2, 11);
    const random = new Random(3);
    const crops = [0, 1, 0].map((i) => source.read(i).then((image) => alignedCrop(image, 64, random)));
    const three = await Promise.all(crops);
    const together = await exported.run(Uint8Array.from(three.flatMap((c) => Array.from(c.data))), 3);
    const alone = await exported.run(three[1]!.data, 1);
    expect(largestDifference(alone.logit, together.logit.slice(1, 2))).toBeLessThanOrEqual(BOUND);
  });
});
