/** Figures of a generator's masks and blends, and the bounds of the method that they are held against. */
import type { HostTensor } from '#engine/ports.ts';
import {
  LEAST_BLEND_CHANGE,
  LEAST_DEVIATION,
  MOST_COSINE,
  SOUND_AREA,
  type CollapseCode,
} from '#engine/training/collapse-watch.ts';

export interface KernelFigures {
  kernels: number;
  steps: number;
  /** For each kernel the smallest and the largest area of its mask M_i among the samples, in shares of a crop. */
  areas: { least: number; most: number }[];
  /** The same of the fused mask M. */
  fused_area: { least: number; most: number };
  /** Mean over the samples of the fused mask's standard deviation over its positions. */
  deviation: number;
  /** Mean over i != h of cos(K_i, K_h); 0 for a single kernel. */
  cosine: number;
  /** Mean |x_B - x_r| in grey levels. */
  blend_change: number;
  /** Share of its last 50 steps' crops that the detector judged right. */
  accuracy: number;
  /** What the collapse watch said on the way, in its order. */
  signs: CollapseCode[];
  /** Which of the method's bounds the samples are outside of; empty where none. */
  outside: ('area' | 'deviation' | 'cosine' | 'blend_change')[];
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Rows of a tensor `[n, ...]`. */
const samplesOf = ({ shape, data }: HostTensor): Float32Array[] => {
  const size = data.length / shape[0]!;
  return Array.from({ length: shape[0]! }, (_, i) => data.subarray(i * size, (i + 1) * size) as Float32Array);
};
const rangeOf = (values: readonly number[]): { least: number; most: number } => ({
  least: Math.min(...values),
  most: Math.max(...values),
});

/** Mean over i != h of the cosines of the columns of `[..., k]`; 0 where k is 1. */
export function meanCosine(kernels: ArrayLike<number>, k: number): number {
  const product = (i: number, h: number): number => {
    let sum = 0;
    for (let row = 0; row < kernels.length; row += k) sum += kernels[row + i]! * kernels[row + h]!;
    return sum;
  };
  const cosines: number[] = [];
  for (let i = 0; i < k; i++)
    for (let h = 0; h < i; h++) cosines.push(product(i, h) / Math.sqrt(product(i, i) * product(h, h)));
  return cosines.length === 0 ? 0 : mean(cosines);
}

/** Figures of the masks and blends that `AdversarialTrainer.theatre` shows. */
export function maskFigures(
  shown: Record<string, HostTensor>,
): Pick<KernelFigures, 'areas' | 'fused_area' | 'deviation' | 'blend_change'> {
  const { masks, fused, blended, reference } = shown as Record<
    'masks' | 'fused' | 'blended' | 'reference',
    HostTensor
  >;
  const k = masks.shape[3]!;
  const areas = Array.from({ length: k }, (_, kernel) =>
    rangeOf(samplesOf(masks).map((maps) => mean(maps.filter((_, i) => i % k === kernel)))),
  );
  const fusedMasks = samplesOf(fused);
  const deviation = mean(
    fusedMasks.map((mask) => {
      const middle = mean(mask);
      return Math.sqrt(mean(mask.map((m) => (m - middle) ** 2)));
    }),
  );
  const change = mean((blended.data as Float32Array).map((x, i) => Math.abs(x - reference.data[i]!)));
  return { areas, fused_area: rangeOf(fusedMasks.map(mean)), deviation, blend_change: change };
}

/** The method's bounds that figures are outside of. */
export function outsideBounds(
  figures: Pick<KernelFigures, 'areas' | 'fused_area' | 'deviation' | 'blend_change' | 'cosine'>,
): KernelFigures['outside'] {
  const { least, most } = rangeOf([...figures.areas, figures.fused_area].flatMap((a) => [a.least, a.most]));
  const outside: KernelFigures['outside'] = [];
  if (least < SOUND_AREA.least || most > SOUND_AREA.most) outside.push('area');
  if (figures.deviation < LEAST_DEVIATION) outside.push('deviation');
  if (figures.cosine >= MOST_COSINE) outside.push('cosine');
  if (figures.blend_change < LEAST_BLEND_CHANGE) outside.push('blend_change');
  return outside;
}
