/** The theatre's pictures and maps as files of a run. */
import type { MapFile, SampleFiles } from '#contract/trainer-messages.ts';
import type { HostTensor } from '#engine/ports.ts';
import { pictureAt } from '#engine/training/picture-tensors.ts';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { encodeMap } from '../map-image.ts';

type Outputs = Record<string, HostTensor>;
const UNIT_RANGE = { min: 0, max: 1 };

/** One channel of one sample out of `[n, h, w]` or `[n, h, w, c]`. */
function plane(
  tensor: HostTensor,
  index: number,
  channel = 0,
): { width: number; height: number; data: Float32Array } {
  const [, height, width, channels = 1] = tensor.shape as [number, number, number, number?];
  const size = height * width;
  const data = Float32Array.from(
    { length: size },
    (_, i) => tensor.data[(index * size + i) * channels + channel]!,
  );
  return { width, height, data };
}

/** `[k, k]` row by row. */
const matrix = ({ shape, data }: HostTensor): number[][] =>
  Array.from({ length: shape[0]! }, (_, row) => [...data.slice(row * shape[1]!, (row + 1) * shape[1]!)]);

/** Writes the samples of `outputs` (AdversarialTrainer.theatre) below `directory/step`. What was not made is left out. */
export async function writeSamples(
  outputs: Outputs,
  directory: string,
  step: number,
): Promise<SampleFiles[]> {
  const folder = join(directory, String(step).padStart(7, '0'));
  await mkdir(folder, { recursive: true });
  const count = outputs['reference']!.shape[0]!;
  const kernels = outputs['maps']!.shape[3]!;
  return Promise.all(
    Array.from({ length: count }, (_, index) => writeSample(outputs, folder, index, kernels)),
  );
}

async function writeSample(
  outputs: Outputs,
  folder: string,
  index: number,
  kernels: number,
): Promise<SampleFiles> {
  const picture = async (name: string) => {
    const { width, height, data } = pictureAt(outputs[name]!, index);
    const path = join(folder, `${index}-${name}.png`);
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(path);
    return path;
  };
  const map = async (
    name: string,
    unit: string,
    range?: typeof UNIT_RANGE,
    channel = 0,
  ): Promise<MapFile> => {
    const { png, ...reference } = await encodeMap(plane(outputs[name]!, index, channel), {
      bits: 16,
      ...(range ? { range } : {}),
    });
    const path = join(folder, `${index}-${name}-${channel}.png`);
    await writeFile(path, png);
    return { ...reference, path, unit };
  };
  const each = (name: string, unit: string) =>
    Promise.all(Array.from({ length: kernels }, (_, channel) => map(name, unit, UNIT_RANGE, channel)));
  return {
    index,
    reference: await picture('reference'),
    real: await picture('real'),
    blended: await picture('blended'),
    styled: outputs['styled'] ? await picture('styled') : null,
    fusedMask: await map('fused', 'mask value', UNIT_RANGE),
    masks: outputs['masks'] ? await each('masks', 'mask value') : [],
    maps: await each('maps', 'network output'),
    fusedMap: await map('map', 'network output', UNIT_RANGE),
    globalSpectrum: await map('globalSpectrum', 'ln(1 + |DCT|)'),
    localSpectrum: await map('localSpectrum', 'deviations (RMS)'),
    logitBlended: outputs['logitBlended']!.data[index]!,
    logitReal: outputs['logitReal']!.data[index]!,
    kernelCosines: {
      masks: outputs['maskCosines'] ? matrix(outputs['maskCosines']) : null,
      maps: matrix(outputs['mapCosines']!),
    },
  };
}
