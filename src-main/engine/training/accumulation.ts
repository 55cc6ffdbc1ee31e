/**
 * A step whose batch does not fit into memory, taken in parts: their gradients add up to the batch's, and one update follows.
 *
 * The generator's step stays the same up to rounding: the detector is frozen in it, and every other loss is a mean over
 * samples. L_sty is a ratio of means, so the style-transferred samples stay together, in the first part. In the detector's
 * step, batch normalisation takes each part's own moments, as one of a smaller batch would (ghost batch normalisation, Hoffer,
 * Hubara, Soudry, 2017): its gradient is near to the whole batch's and not the same. A part holds its share of every kind of
 * sample, and a blend stays with its host.
 */
import type { ParameterLayout } from '../models/parameters.ts';
import type { HostTensor } from '../ports.ts';
import type { DetectorBatch } from './detector-batch.ts';
import { float32 } from './picture-tensors.ts';
import { generatorCounts, sampleCounts } from './sample-counts.ts';
import type { TrainingConfig } from './training-config.ts';

type HostTensors = Record<string, HostTensor>;

export interface Part<Inputs = HostTensors> {
  inputs: Inputs;
  /** What the part's means count for in the batch's, `[2]`. */
  shares: HostTensor;
}

/** The fewest real and the fewest simulated samples that moments are taken over. */
const FEWEST = 2;

/** How many parts a batch can be taken in. */
export function mostParts(config: TrainingConfig): number {
  const { learned, drawn, styled } = sampleCounts(config);
  return Math.floor(Math.min(config.realPerBatch, learned + drawn + styled) / FEWEST);
}

/** Some rows of a tensor along its first axis, in the order given. */
function rowsOf(tensor: HostTensor, rows: readonly number[]): HostTensor {
  const size = tensor.data.length / tensor.shape[0]!;
  const data = new Float32Array(rows.length * size);
  rows.forEach((row, i) => data.set(tensor.data.subarray(row * size, (row + 1) * size), i * size));
  return float32([rows.length, ...tensor.shape.slice(1)], data);
}

/** Every `step`-th number below `count`, from `first` on. */
const every = (count: number, step: number, first: number): number[] =>
  Array.from({ length: Math.ceil((count - first) / step) }, (_, i) => first + i * step);

/** `shares`: of all samples, of the simulated ones. The i-th simulated sample goes where the i-th real one, its host, goes. */
export function detectorParts(batch: DetectorBatch, count: number): Part<DetectorBatch>[] {
  const [all, simulated] = [batch.pixels.shape[0]!, batch.masks.shape[0]!];
  const real = all - simulated;
  return every(count, 1, 0).map((part) => {
    const ofSimulated = every(simulated, count, part);
    const rows = [...every(real, count, part), ...ofSimulated.map((row) => real + row)];
    return {
      inputs: {
        pixels: rowsOf(batch.pixels, rows),
        labels: rowsOf(batch.labels, rows),
        fused: rowsOf(batch.fused, rows),
        masks: rowsOf(batch.masks, ofSimulated),
        fixedWeights: rowsOf(batch.fixedWeights, ofSimulated),
      },
      shares: float32([2], Float32Array.of(rows.length / all, ofSimulated.length / simulated)),
    };
  });
}

/** What a part of a generator's batch holds. */
export type GeneratorCounts = ReturnType<typeof generatorCounts>;

/**
 * `shares`: of the blends, of all samples. Where there are only style-transferred ones, there is one part.
 */
export function generatorParts(
  batch: HostTensors,
  config: TrainingConfig,
  count: number,
): (Part & { counts: GeneratorCounts })[] {
  const { blends, styles } = generatorCounts(config);
  const all = blends + styles;
  const first = Math.min(blends, Math.max(0, Math.round(all / count) - styles));
  const others = Math.min(count - 1, blends - first);
  const rowsOfBlends = [
    every(first, 1, 0),
    ...every(others, 1, 0).map((part) => every(blends - first, others, part).map((row) => first + row)),
  ].filter((rows, part) => rows.length > 0 || (part === 0 && styles > 0));
  return rowsOfBlends.map((rows, part) => {
    const styled = part === 0 ? styles : 0;
    const ofBlends = ['real', 'reference', 'area', 'mixture', 'slope'].map((name) => [name, rows] as const);
    const ofStyles = ['content', 'style'].map((name) => [name, every(styled, 1, 0)] as const);
    const taken = [...ofBlends, ...ofStyles].filter(([, some]) => some.length > 0);
    return {
      counts: { blends: rows.length, styles: styled },
      inputs: Object.fromEntries(taken.map(([name, some]) => [name, rowsOf(batch[name]!, some)])),
      shares: float32(
        [2],
        Float32Array.of(blends === 0 ? 0 : rows.length / blends, (rows.length + styled) / all),
      ),
    };
  });
}

/** Outputs of the parts added up, name by name; a name that a part lacks adds nothing. */
export function summed(parts: readonly HostTensors[]): HostTensors {
  const sums: HostTensors = {};
  for (const outputs of parts)
    for (const [name, { shape, data }] of Object.entries(outputs)) {
      const sum = (sums[name] ??= float32(shape, new Float32Array(data.length)));
      for (let i = 0; i < data.length; i++) sum.data[i]! += data[i]!;
    }
  return sums;
}

/**
 * The moments of whole layers from those of their parts: `mean = sum s_p mean_p`, `variance = sum s_p (variance_p + mean_p^2) -
 * mean^2`.
 */
export function wholeMoments(
  layout: ParameterLayout,
  parts: readonly { share: number; moments: Float32Array }[],
): Float32Array {
  const whole = new Float32Array(layout.size);
  const views = layout.views(whole);
  const ofParts = parts.map(({ share, moments }) => ({ share, views: layout.views(moments) }));
  for (const layer of Object.keys(views).filter((name) => name.endsWith('.mean'))) {
    const [means, variances] = [layer, layer.replace(/mean$/, 'variance')];
    for (let i = 0; i < views[means]!.data.length; i++) {
      let [mean, square] = [0, 0];
      for (const { share, views: part } of ofParts) {
        const m = part[means]!.data[i]!;
        mean += share * m;
        square += share * (part[variances]!.data[i]! + m * m);
      }
      views[means]!.data[i] = mean;
      views[variances]!.data[i] = square - mean * mean;
    }
  }
  return whole;
}
