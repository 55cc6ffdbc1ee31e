/**
 * A model repository of NVIDIA Triton Inference Server with one detector in it, in the layout and the configuration of its ONNX
 * Runtime backend (docs of Triton, "Model Repository" and "Model Configuration"):
 *
 *   DIR/pentimento/config.pbtxt
 *   DIR/pentimento/1/model.onnx      a version for each export; Triton serves the newest
 *
 * The file is the one that detection uses: it takes raw 8-bit tiles, so that a client sends nothing but pixels. Tiling,
 * aggregation and the statement stay with the client.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import type { Model, ModelPassport } from '#contract/model.ts';
import { readOnnxFacts } from '#compiler/onnx-file.ts';
import { outputShapes } from '#inference/detector-session.ts';
import { writeFileWhole } from '#compute/write-file.ts';
import type { ModelService } from './model.service.ts';

export const TRITON_NAME = 'pentimento';
/** Tiles in one run: what detection sends at once, and twice that. */
const BATCHES = [32, 64];

/** The outputs that the file has. `dims` without the batch; an output of one number a tile is declared with one dimension, and reshaped to none. */
export function tritonConfig(passport: ModelPassport, outputs: readonly string[]): string {
  const { tileSize } = passport;
  const tensor = (name: string, type: string, dims: number[]): string =>
    dims.length === 0
      ? `  { name: "${name}" data_type: ${type} dims: [ 1 ] reshape: { shape: [ ] } }`
      : `  { name: "${name}" data_type: ${type} dims: [ ${dims.join(', ')} ] }`;
  const shapes = Object.entries(outputShapes(passport)).filter(([name]) => outputs.includes(name));
  return `name: "${TRITON_NAME}"
backend: "onnxruntime"
max_batch_size: ${BATCHES.at(-1)}
input [
${tensor('pixels', 'TYPE_UINT8', [tileSize, tileSize, 3])}
]
output [
${shapes.map(([name, dims]) => tensor(name, 'TYPE_FP32', dims)).join(',\n')}
]
version_policy: { latest: { num_versions: 1 } }
dynamic_batching { preferred_batch_size: [ ${BATCHES.join(', ')} ] max_queue_delay_microseconds: 2000 }
`;
}

/**
 * Adds a model to the repository at `folder`, which is made where there is none, as its newest version.
 * @param id of a model or of a run
 * @throws AppError of `ModelService.exportModel`; `file_unreadable` where the folder cannot be written
 */
export async function exportTriton(
  models: ModelService,
  id: string,
  folder: string,
): Promise<{ model: Model; path: string; version: number }> {
  const home = path.join(path.resolve(folder), TRITON_NAME);
  try {
    await mkdir(home, { recursive: true });
    const versions = (await readdir(home)).filter((name) => /^[1-9]\d*$/.test(name)).map(Number);
    const version = Math.max(0, ...versions) + 1;
    const target = path.join(home, String(version));
    await mkdir(target);
    const model = await models
      .exportModel(id, path.join(target, 'model.onnx'))
      .catch(async (error: unknown) => {
        // Triton does not load a model of which one version is empty.
        await rm(target, { recursive: true });
        throw error;
      });
    const { outputs } = readOnnxFacts(await readFile(path.join(target, 'model.onnx')));
    const config = tritonConfig(model.passport, outputs);
    await writeFileWhole(path.join(home, 'config.pbtxt'), Buffer.from(config));
    return { model, path: home, version };
  } catch (error) {
    throw AppError.from(error);
  }
}
