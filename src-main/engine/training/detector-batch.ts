/**
 * The batch of a detector step: real crops first, then learned blends, drawn blends and styled pictures. All but the
 * generator's own samples can be made ready before the generator runs, in another thread and ahead of time: that is the draft.
 */
import type { HostTensor, JpegCodec, RgbImage } from '../ports.ts';
import type { Random } from '../random.ts';
import type { DrawnBlends } from './batch-assembly.ts';
import { areaAverage } from './crops.ts';
import { drawHistories, throughHistories, type JpegHistory } from './jpeg-history.ts';
import { float32, pictureAt } from './picture-tensors.ts';
import type { SampleCounts } from './sample-counts.ts';
import type { TrainingConfig } from './training-config.ts';

/** Pixels along a side of a cell of the maps. */
const CELL = 4;

/** Inputs of `detectorStepFunction` that are not the network's own. */
export type DetectorBatch = Record<'pixels' | 'labels' | 'masks' | 'fused' | 'fixedWeights', HostTensor>;

export interface BatchDraft {
  /** Complete but for the generator's samples: their pixels are 0; learned ones have M and M_i of 1, styled ones keep them. */
  batch: DetectorBatch;
  /** Real crops, and simulated ones by kind. */
  counts: SampleCounts & { real: number };
  /** Of the learned blends and then of the styled pictures, which are coded once the generator has made them. */
  histories: JpegHistory[];
}

/**
 * Everything that does not wait for the generator. The i-th simulated sample has the history of the i-th real crop, so that
 * a host and what was made of it are coded alike.
 */
export async function draftBatch(
  config: TrainingConfig,
  real: readonly RgbImage[],
  drawn: Pick<DrawnBlends, 'pictures' | 'masks'>,
  made: Pick<SampleCounts, 'learned' | 'styled'>,
  { random, codec }: { random: Random; codec: JpegCodec },
): Promise<BatchDraft> {
  const { crop, kernels } = config;
  const counts = { ...made, real: real.length, drawn: drawn.pictures.length };
  const simulated = counts.learned + counts.drawn + counts.styled;
  const total = counts.real + simulated;
  const histories = drawHistories(config, Math.max(counts.real, simulated), random);
  const [codedReal, codedDrawn] = await Promise.all([
    throughHistories(real, histories, codec),
    throughHistories(drawn.pictures, histories.slice(counts.learned), codec),
  ]);
  const size = crop * crop * 3;
  const pixels = new Float32Array(total * size);
  const firstDrawn = counts.real + counts.learned;
  codedReal.forEach(({ data }, i) => pixels.set(data, i * size));
  codedDrawn.forEach(({ data }, i) => pixels.set(data, (firstDrawn + i) * size));

  const side = crop / CELL;
  const cells = side * side;
  const masks = new Float32Array(simulated * cells * kernels).fill(1);
  const fused = new Float32Array(total * cells).fill(1);
  fused.fill(0, 0, counts.real * cells);
  drawn.masks.forEach((mask, i) => {
    const small = areaAverage(mask, crop, CELL);
    fused.set(small, (firstDrawn + i) * cells);
    const first = (counts.learned + i) * cells * kernels;
    for (let j = 0; j < cells * kernels; j++) masks[first + j] = small[Math.floor(j / kernels)]!;
  });
  return {
    batch: {
      pixels: float32([total, crop, crop, 3], pixels),
      labels: float32(
        [total],
        Float32Array.from({ length: total }, (_, i) => Number(i >= counts.real)),
      ),
      masks: float32([simulated, side, side, kernels], masks),
      fused: float32([total, side, side], fused),
      fixedWeights: float32(
        [simulated, 1],
        Float32Array.from({ length: simulated }, (_, i) => Number(i >= counts.learned)),
      ),
    },
    counts,
    histories: [
      ...histories.slice(0, counts.learned),
      ...histories.slice(counts.learned + counts.drawn, simulated),
    ],
  };
}

/** All pictures of a tensor `[n, S, S, 3]`, rounded to 8 bits; none where it is absent. */
const picturesOf = (tensor: HostTensor | undefined): RgbImage[] =>
  tensor ? Array.from({ length: tensor.shape[0]! }, (_, i) => pictureAt(tensor, i)) : [];

/**
 * The draft with the generator's samples in their places, in the draft's own arrays.
 * @param generated outputs of `generateFunction`; what it did not make is absent
 */
export async function completeBatch(
  { batch, counts, histories }: BatchDraft,
  generated: Readonly<Record<string, HostTensor>>,
  codec: JpegCodec,
): Promise<DetectorBatch> {
  const { blended, masks, fused, styled } = generated;
  const pictures = await throughHistories([...picturesOf(blended), ...picturesOf(styled)], histories, codec);
  const crop = batch.pixels.shape[1]!;
  const size = crop * crop * 3;
  const firstStyled = counts.real + counts.learned + counts.drawn;
  pictures.forEach(({ data }, i) => {
    const place = i < counts.learned ? counts.real + i : firstStyled + i - counts.learned;
    batch.pixels.data.set(data, place * size);
  });
  if (masks) batch.masks.data.set(masks.data);
  const cells = (crop / CELL) ** 2;
  for (let i = 0; i < counts.learned; i++) {
    const mask = fused!.data.subarray(i * crop * crop, (i + 1) * crop * crop) as Float32Array;
    batch.fused.data.set(areaAverage(mask, crop, CELL), (counts.real + i) * cells);
  }
  return batch;
}
