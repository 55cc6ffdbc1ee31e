/**
 * The detector's half of adversarial training: samples by the frozen generator, and one detector step. Both are pure:
 * weights, moments, batch and random draws come in, new weights and losses come out. Pictures are float32 RGB in [0, 255],
 * NHWC. The generator's half is `generator-step.ts`.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  detector,
  detectorLayout,
  detectorRunningLayout,
  spectralLayout,
  type DetectorOutput,
} from '../models/detector.ts';
import {
  blendedTarget,
  generatorLayout,
  simulatedMasks,
  styleTransferredTarget,
  type MaskDraws,
} from '../models/generator.ts';
import { batchNormalisation } from '../models/layers.ts';
import { parameter, type NamedTensors } from '../models/parameters.ts';
import type { TensorFunction } from '../ports.ts';
import {
  classificationLoss,
  diversityLoss,
  flooredWeights,
  fusedMapLoss,
  similarityLoss,
  similarityWeights,
  weightedSum,
} from './losses.ts';
import { adamUpdate, movingAverage, valueAndGradients, type AdamConfig } from './optimiser.ts';
import { sampleCounts } from './sample-counts.ts';
import { networkConfig, type TrainingConfig } from './training-config.ts';

export const detectorAdam = (config: TrainingConfig): AdamConfig => ({
  beta1: 0.9,
  beta2: 0.999,
  weightDecay: config.weightDecay,
  clip: config.detectorClip,
});

export type Inputs = Record<string, tf.Tensor>;
export const flat = (inputs: Inputs, name: string): tf.Tensor1D => parameter<tf.Tensor1D>(inputs, name);
export const picture = (inputs: Inputs, name: string): tf.Tensor4D => parameter<tf.Tensor4D>(inputs, name);
export const maskDraws = (inputs: Inputs): MaskDraws => ({
  area: picture(inputs, 'area'),
  mixture: picture(inputs, 'mixture'),
  slope: picture(inputs, 'slope'),
});

/**
 * Simulated samples for a detector step; nothing is trained. What the generator's mode does not make is neither asked for
 * nor given.
 * - in: `generator` weights; for blends `real` x_s, `reference` x_r `[b, S, S, 3]` and the mask draws; for style transfer
 *   `content`, `style` `[t, S, S, 3]`
 * - out: of blends `blended` x_B, `masks` M_i `[b, S/4, S/4, k]`, `fused` M `[b, S, S, 1]`; of style transfer `styled` x_T
 */
export const generateFunction = (config: TrainingConfig): TensorFunction => {
  const network = networkConfig(config);
  const layout = generatorLayout(network);
  const counts = sampleCounts(config);
  return (inputs) => {
    const p = layout.unpack(flat(inputs, 'generator'));
    const outputs: NamedTensors = {};
    if (counts.learned > 0) {
      const { masks, fused } = simulatedMasks(picture(inputs, 'real'), p, maskDraws(inputs), network);
      const blended = blendedTarget(fused, picture(inputs, 'real'), picture(inputs, 'reference'));
      Object.assign(outputs, { blended, masks, fused });
    }
    if (counts.styled > 0)
      outputs['styled'] = styleTransferredTarget(picture(inputs, 'content'), picture(inputs, 'style'), p);
    return outputs;
  };
};

/** What a part's losses count for in the whole batch's; absent where the part is the whole. */
type Shares = Record<'all' | 'simulated', tf.Scalar>;
export const part = <T extends tf.Tensor>(value: T, share: tf.Scalar | undefined): T =>
  share ? tf.mul<T>(value, share) : value;

/**
 * The detector's losses on one batch, as `inputs` of `detectorStepFunction` give it:
 * `L = L_cls + lambdaSimilarity L_sim + lambdaFused L_fus + lambdaDiversity L_div(K')`.
 */
export function detectorLosses(
  output: DetectorOutput,
  p: NamedTensors,
  inputs: Inputs,
  config: TrainingConfig,
  shares?: Shares,
): Record<'cls' | 'sim' | 'div' | 'fus' | 'loss', tf.Scalar> {
  const masks = picture(inputs, 'masks');
  const fixed = parameter<tf.Tensor2D>(inputs, 'fixedWeights');
  const simulatedCount = masks.shape[0];
  const firstSimulated = output.maps.shape[0] - simulatedCount;
  const maps = tf.slice4d(output.maps, [firstSimulated, 0, 0, 0], masks.shape);
  const learned = flooredWeights(
    similarityWeights(masks, maps, parameter(p, 'similarity.weights'), parameter(p, 'similarity.bias')),
  );
  const weights = tf.add(learned, tf.mul(fixed, tf.sub(1 / config.kernels, learned))) as tf.Tensor2D;
  const cls = part(classificationLoss(output.logit, parameter(inputs, 'labels')), shares?.all);
  const sim = part(similarityLoss(masks, maps, weights), shares?.simulated);
  const div = part(diversityLoss(parameter(p, 'maps.kernel')), shares?.all);
  const fus = part(fusedMapLoss(output.map, parameter(inputs, 'fused')), shares?.all);
  const loss = weightedSum([
    [1, cls],
    [config.lambdaSimilarity, sim],
    [config.lambdaDiversity, div],
    [config.lambdaFused, fus],
  ]);
  return { cls, sim, div, fus, loss };
}

/** The detector on one batch, or on a part of it: gradients, losses, accuracy and its layers' moments. */
const detectorPass = (config: TrainingConfig) => {
  const network = networkConfig(config);
  const layout = detectorLayout(network);
  const running = detectorRunningLayout(network);
  const spectral = spectralLayout(network);
  return (inputs: Inputs, shares?: Shares) => {
    const labels = parameter(inputs, 'labels');
    const statistics = spectral.unpack(flat(inputs, 'spectral'));
    const { gradients, others } = valueAndGradients(
      (p) => {
        const moments: NamedTensors = {};
        const output = detector(
          picture(inputs, 'pixels'),
          p,
          statistics,
          batchNormalisation(p, moments),
          network,
        );
        const { cls, sim, div, fus, loss } = detectorLosses(output, p, inputs, config, shares);
        const right = tf.equal(tf.greater(output.logit, 0), tf.greater(labels, 0.5));
        return {
          loss,
          others: {
            losses: tf.stack([cls, sim, div, fus, loss]),
            accuracy: part(tf.mean(tf.cast(right, 'float32')), shares?.all),
            moments: running.pack(moments),
          },
        };
      },
      layout.unpack(flat(inputs, 'weights')),
    );
    return { gradient: layout.pack(gradients), ...others } as Record<
      'gradient' | 'losses' | 'accuracy' | 'moments',
      tf.Tensor1D
    >;
  };
};

/** The detector's update by a gradient, and its running moments' by those of the batch. */
const detectorUpdate = (
  inputs: Inputs,
  { gradient, moments }: Record<'gradient' | 'moments', tf.Tensor1D>,
  config: TrainingConfig,
) => {
  const state = {
    weights: flat(inputs, 'weights'),
    firstMoment: flat(inputs, 'firstMoment'),
    secondMoment: flat(inputs, 'secondMoment'),
  };
  const schedule = flat(inputs, 'schedule');
  const update = adamUpdate(state, gradient, schedule, detectorAdam(config));
  const newRunning = tf.add(
    tf.mul(flat(inputs, 'running'), config.runningDecay),
    tf.mul(moments, 1 - config.runningDecay),
  ) as tf.Tensor1D;
  return {
    weights: update.weights,
    firstMoment: update.firstMoment,
    secondMoment: update.secondMoment,
    average: movingAverage(flat(inputs, 'average'), update.weights, schedule),
    running: newRunning,
    averageRunning: movingAverage(flat(inputs, 'averageRunning'), newRunning, schedule),
    gradientNorm: update.norm,
  };
};

/**
 * One detector step. The detector's weights, moments, average and running moments move; the generator is not here at all.
 * The loss is that of `detectorLosses`: L2 of the claims, and L1 where lambdaDiversity is 0, beside our L_fus. A loss of
 * weight 0 is measured and trains nothing.
 * - in: `weights`, `firstMoment`, `secondMoment`, `average`, `running`, `averageRunning`, `spectral`; `schedule` `[4]`;
 *   `pixels` `[n, S, S, 3]`, the real ones first; `labels` `[n]`; `masks` M_i of the simulated ones `[m, S/4, S/4, k]`;
 *   `fused` M of all, area-averaged `[n, S/4, S/4]`; `fixedWeights` `[m, 1]`, 1 where w_i = 1/k (style, and drawn masks)
 * - out: the state, `losses` `[5]` (cls, sim, div, fus, total), `accuracy` `[]`, `gradientNorm` `[]`
 */
export const detectorStepFunction = (config: TrainingConfig): TensorFunction => {
  const pass = detectorPass(config);
  return (inputs) => {
    const { losses, accuracy, ...found } = pass(inputs);
    return { ...detectorUpdate(inputs, found, config), losses, accuracy };
  };
};

/**
 * The step on a part of the batch (`accumulation.ts`), without its update.
 * - in: `weights`, `spectral`; the part's rows of what `detectorStepFunction` takes; `shares` `[2]`
 * - out: `gradient` `[size]`, `losses` `[5]` and `accuracy` `[]`, which add up over the parts; `moments` of the part
 */
export const detectorPartFunction = (config: TrainingConfig): TensorFunction => {
  const pass = detectorPass(config);
  return (inputs) => {
    const share = (i: number): tf.Scalar => tf.reshape(tf.slice1d(flat(inputs, 'shares'), i, 1), []);
    return pass(inputs, { all: share(0), simulated: share(1) });
  };
};

/** The update that follows the parts. In: the state, `schedule`, `gradient` and `moments` of the whole batch. Out: the state. */
export const detectorUpdateFunction =
  (config: TrainingConfig): TensorFunction =>
  (inputs) =>
    detectorUpdate(inputs, { gradient: flat(inputs, 'gradient'), moments: flat(inputs, 'moments') }, config);
