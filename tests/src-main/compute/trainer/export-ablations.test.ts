/** Every kind of detector leaves as a file that ONNX Runtime alone runs, with the network's own answers. */
import onnxProto from 'onnx-proto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import { METHOD_VERSION } from '#compute/trainer/export-detector.ts';
import { frozenDetector } from '#engine/models/frozen-detector.ts';
import { frequencyBandChoices } from '#engine/models/network-config.ts';
import type { ComputeBackend, HostTensor } from '#engine/ports.ts';
import { networkConfig } from '#engine/training/training-config.ts';
import { loadOnnxRuntime } from '#inference/onnx-runtime.ts';
import { drawnState, exampleStart, exportedBytes, tiles } from '#tests/support/exported-detector.ts';
import { largestDifference } from '#tests/support/golden.ts';

/** Of every value of every output, in its unit. */
const BOUND = 1e-4;
const COUNT = 3;

let wasm: ComputeBackend;
beforeAll(async () => {
  wasm = await createWasmBackend();
});

const ablations = frequencyBandChoices.flatMap((bands) => [1, 4].map((k) => [bands, k] as const));

test.each(ablations)('with frequency bands %s and %i kernels, the outputs agree', async (bands, k) => {
  const state = drawnState({ frequencyBands: bands, kernels: k });
  const side = state.config.crop;
  const pixels = tiles(COUNT, side);
  const shape = [COUNT, side, side, 3];
  const input: Record<string, HostTensor> = {
    pixels: { dtype: 'int32', shape, data: Int32Array.from(pixels) },
  };
  const { detectorAverage, detectorAverageRunning, spectral } = state.vectors;
  const vectors = { weights: detectorAverage, running: detectorAverageRunning, spectral };
  const eager = await (
    await wasm.prepare('detector', frozenDetector(networkConfig(state.config), vectors), input)
  ).run(input);

  const { InferenceSession, Tensor } = await loadOnnxRuntime();
  const session = await InferenceSession.create(await exportedBytes(state), { logSeverityLevel: 3 });
  const outputs = await session.run({ pixels: new Tensor('uint8', pixels, shape) });
  await session.release();

  const shapes = Object.fromEntries(Object.entries(outputs).map(([name, { dims }]) => [name, [...dims]]));
  expect(shapes).toEqual({
    logit: [COUNT],
    map: [COUNT, 16, 16],
    maps: [COUNT, 16, 16, k],
    global_spectrum: [COUNT, 64, 64],
    local_spectrum: [COUNT, 8, 8],
    block_spectrum: [COUNT, 8, 8],
    ablated: [COUNT, { both: 3, global: 2, local: 2, none: 1 }[bands]],
  });
  for (const [name, tensor] of Object.entries(outputs)) {
    const values = tensor.data as Float32Array;
    expect(largestDifference(values, eager[name]!.data), name).toBeLessThanOrEqual(BOUND);
    // Without its only branch a network says one thing of everything.
    if (name === 'ablated' && bands === 'none') continue;
    expect(new Set(values).size, `${name} is not one constant`).toBeGreaterThan(COUNT - 1);
  }
});

describe('the passport in the file', () => {
  test('tells what it is and what it was made from', async () => {
    const state = drawnState({ frequencyBands: 'local', generatorMode: 'blend', kernels: 1 });
    const { opsetImport, metadataProps } = onnxProto.onnx.ModelProto.decode(await exportedBytes(state));
    const passport = JSON.parse(
      metadataProps.find(({ key }) => key === 'pentimento.passport')!.value!,
    ) as Record<string, unknown>;
    expect(passport).toMatchObject({
      ...{ opset: Number(opsetImport[0]!.version), labels: ['real', 'simulated'], calibration: null },
      ...{ tileSize: 64, alignment: 8, pixelFormat: 'uint8 RGB, NHWC' },
      ...{ kernels: 1, frequencyBands: 'local', generatorMode: 'blend' },
      ...{ methodVersion: METHOD_VERSION, programVersion: '1.2.3', seed: exampleStart.seed },
      datasetManifestHash: exampleStart.datasetManifestHash,
    });
    expect((passport['limits'] as string[]).join()).toContain('frequency bands: local; generator: blend');
    const other = drawnState({ frequencyBands: 'local', generatorMode: 'blend', kernels: 1, style: 3 });
    const again = onnxProto.onnx.ModelProto.decode(await exportedBytes(other));
    const hash = /"trainingConfigHash":"[0-9a-f]{64}"/;
    const hashes = [metadataProps, again.metadataProps].map(
      (all) => JSON.stringify(all).replaceAll('\\', '').match(hash)?.[0],
    );
    expect(hashes[0]).toBeDefined();
    expect(hashes[0]).not.toBe(hashes[1]);
  });

  test('is all that a foreign program needs beside the file and ONNX Runtime', async () => {
    const file = await exportedBytes(drawnState({ kernels: 4 }));

    // From here on: the bytes, ONNX's own format, and ONNX Runtime.
    const properties = onnxProto.onnx.ModelProto.decode(file).metadataProps;
    const { tileSize, pixelFormat, labels } = JSON.parse(
      properties.find(({ value }) => value!.startsWith('{'))!.value!,
    ) as { tileSize: number; pixelFormat: string; labels: string[] };
    const [type, colours, layout] = pixelFormat.split(/,? /) as [string, string, string];
    expect([colours, layout]).toEqual(['RGB', 'NHWC']);
    const { InferenceSession, Tensor } = await loadOnnxRuntime();
    const session = await InferenceSession.create(file);
    expect(session.inputNames).toHaveLength(1);
    const grey = new Uint8Array(2 * tileSize * tileSize * 3).fill(128);
    const feed = new Tensor(type as 'uint8', grey, [2, tileSize, tileSize, 3]);
    const { logit, map } = await session.run({ [session.inputNames[0]!]: feed });
    await session.release();
    const verdicts = Array.from(logit!.data as Float32Array, (l) => labels[l > 0 ? 1 : 0]);
    expect(verdicts[0]).toBe(verdicts[1]);
    expect(labels).toContain(verdicts[0]);
    for (const p of map!.data as Float32Array) if (!(p >= 0 && p <= 1)) expect.fail(`the map holds ${p}`);
  });
});
