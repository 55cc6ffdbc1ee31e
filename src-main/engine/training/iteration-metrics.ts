/** What an iteration measured of itself, out of the outputs of its steps. */
import type { HostTensor } from '../ports.ts';

type Outputs = Record<string, HostTensor>;

export interface BlendMeasures {
  /** Area of each simulated mask M_i, over the batch, in shares of a crop. */
  areas: number[];
  /** Standard deviation of the fused mask M over its positions, over the batch. */
  deviation: number;
  /** Mean |x_B - x_r| in grey levels. */
  change: number;
}

/** What one iteration measured, averaged over its steps. Shares and areas in [0, 1]. */
export interface IterationMetrics {
  losses: { cls: number; sim: number; div: number; totalGenerator: number; totalDetector: number };
  accuracy: number;
  /** Of the fused mask M; 0 where no blends are learned. */
  maskArea: number;
  /** Of the blends of the generator's steps; null where it makes none. */
  blends: BlendMeasures | null;
  /** Mean |x_T - x_s| in grey levels; 0 where none are made. */
  styleChange: number;
  images: number;
  /** Seconds spent preparing batches, during which no step ran. */
  dataSeconds: number;
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Means of lists of the same length, place by place. */
const means = (lists: readonly ArrayLike<number>[]): number[] =>
  Array.from(lists[0] ?? [], (_, i) => mean(lists.map((list) => list[i]!)));

/**
 * @param detector outputs of the detector's steps
 * @param generator outputs of the generator's steps, none where it is not trained
 */
export function stepMetrics(
  detector: readonly Outputs[],
  generator: readonly Outputs[],
): Omit<IterationMetrics, 'images' | 'dataSeconds'> {
  const listOf = (steps: readonly Outputs[], name: string) =>
    means(steps.flatMap((outputs) => (outputs[name] ? [outputs[name].data] : [])));
  const one = (steps: readonly Outputs[], name: string): number => listOf(steps, name)[0] ?? 0;
  const [cls, sim, , , totalDetector] = listOf(detector, 'losses');
  const [, , div = 0, totalGenerator = 0] = listOf(generator, 'losses');
  return {
    losses: { cls: cls!, sim: sim!, div, totalGenerator, totalDetector: totalDetector! },
    accuracy: one(detector, 'accuracy'),
    maskArea: one(generator, 'maskArea'),
    blends: generator[0]?.['maskAreas']
      ? {
          areas: listOf(generator, 'maskAreas'),
          deviation: one(generator, 'maskDeviation'),
          change: one(generator, 'blendChange'),
        }
      : null,
    styleChange: one(generator, 'styleChange'),
  };
}

/** The means of several iterations, at least one. */
export function meanMetrics(all: readonly IterationMetrics[]): IterationMetrics {
  const over = (value: (m: IterationMetrics) => number): number => mean(all.map(value));
  const blends = all.flatMap((m) => m.blends ?? []);
  return {
    losses: {
      cls: over((m) => m.losses.cls),
      sim: over((m) => m.losses.sim),
      div: over((m) => m.losses.div),
      totalGenerator: over((m) => m.losses.totalGenerator),
      totalDetector: over((m) => m.losses.totalDetector),
    },
    accuracy: over((m) => m.accuracy),
    maskArea: over((m) => m.maskArea),
    blends:
      blends.length === 0
        ? null
        : {
            areas: means(blends.map((b) => b.areas)),
            deviation: mean(blends.map((b) => b.deviation)),
            change: mean(blends.map((b) => b.change)),
          },
    styleChange: over((m) => m.styleChange),
    images: over((m) => m.images),
    dataSeconds: over((m) => m.dataSeconds),
  };
}
