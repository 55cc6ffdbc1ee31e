/**
 * The three tensor functions that alternate in adversarial training. Each is pure: weights, moments, batch and random draws
 * come in, new weights and losses come out. Pictures are float32 RGB in [0, 255], NHWC.
 */
import * as tf from '@tensorflow/tfjs-core';
import { detector, detectorLayout, detectorRunningLayout, spectralLayout } from '../models/detector.ts';
import {
  blendedTarget,
  generatorLayout,
  perceptualFeatures,
  perceptualLayout,
  simulatedMasks,
  styleTransferredTarget,
  type MaskDraws,
} from '../models/generator.ts';
import { batchNormalisation, frozenNormalisation } from '../models/layers.ts';
import { mapSide } from '../models/network-config.ts';
import { parameter, type NamedTensors } from '../models/parameters.ts';
import type { TensorFunction } from '../ports.ts';
import {
  absoluteLoss,
  classificationLoss,
  contentLoss,
  diversityLoss,
  flooredWeights,
  fusedMapLoss,
  maskRegulariser,
  similarityLoss,
  similarityWeights,
  styleLoss,
} from './losses.ts';
import { adamUpdate, movingAverage, valueAndGradients, type AdamConfig } from './optimiser.ts';
import { networkConfig, type TrainingConfig } from './training-config.ts';

export const detectorAdam = (config: TrainingConfig): AdamConfig => ({
  beta1: 0.9,
  beta2: 0.999,
  weightDecay: config.weightDecay,
  clip: config.detectorClip,
});
export const generatorAdam = (config: TrainingConfig): AdamConfig => ({
  beta1: 0.5,
  beta2: 0.99,
  weightDecay: 0,
  clip: config.generatorClip,
});

type Inputs = Record<string, tf.Tensor>;
const flat = (inputs: Inputs, name: string): tf.Tensor1D => parameter<tf.Tensor1D>(inputs, name);
const picture = (inputs: Inputs, name: string): tf.Tensor4D => parameter<tf.Tensor4D>(inputs, name);
const maskDraws = (inputs: Inputs): MaskDraws => ({
  area: picture(inputs, 'area'),
  mixture: picture(inputs, 'mixture'),
  slope: picture(inputs, 'slope'),
});

/**
 * Simulated samples for a detector step; nothing is trained.
 * - in: `generator` weights; `real` x_s, `reference` x_r `[b, S, S, 3]` and the mask draws; `content`, `style` `[t, S, S, 3]`
 * - out: `blended` x_B, `masks` M_i `[b, S/4, S/4, k]`, `fused` M `[b, S, S, 1]`, `styled` x_T
 */
export const generateFunction = (config: TrainingConfig): TensorFunction => {
  const network = networkConfig(config);
  const layout = generatorLayout(network);
  return (inputs) => {
    const p = layout.unpack(flat(inputs, 'generator'));
    const { masks, fused } = simulatedMasks(picture(inputs, 'real'), p, maskDraws(inputs), network);
    return {
      blended: blendedTarget(fused, picture(inputs, 'real'), picture(inputs, 'reference')),
      masks,
      fused,
      styled: styleTransferredTarget(picture(inputs, 'content'), picture(inputs, 'style'), p),
    };
  };
};

/**
 * One detector step. The detector's weights, moments, average and running moments move; the generator is not here at all.
 * `L = L_cls + lambdaSimilarity L_sim + lambdaFused L_fus + lambdaDiversity L_div(K')`
 * - in: `weights`, `firstMoment`, `secondMoment`, `average`, `running`, `averageRunning`, `spectral`; `schedule` `[4]`;
 *   `pixels` `[n, S, S, 3]`, the real ones first; `labels` `[n]`; `masks` M_i of the simulated ones `[m, S/4, S/4, k]`;
 *   `fused` M of all, area-averaged `[n, S/4, S/4]`; `fixedWeights` `[m, 1]`, 1 where w_i = 1/k (style, and drawn masks)
 * - out: the state, `losses` `[5]` (cls, sim, div, fus, total), `accuracy` `[]`, `gradientNorm` `[]`
 */
export const detectorStepFunction = (config: TrainingConfig): TensorFunction => {
  const network = networkConfig(config);
  const layout = detectorLayout(network);
  const running = detectorRunningLayout();
  const spectral = spectralLayout(network);
  const side = mapSide(network);
  return (inputs) => {
    const state = {
      weights: flat(inputs, 'weights'),
      firstMoment: flat(inputs, 'firstMoment'),
      secondMoment: flat(inputs, 'secondMoment'),
    };
    const schedule = flat(inputs, 'schedule');
    const labels = parameter(inputs, 'labels');
    const masks = picture(inputs, 'masks');
    const fixed = parameter<tf.Tensor2D>(inputs, 'fixedWeights');
    const statistics = spectral.unpack(flat(inputs, 'spectral'));
    const simulatedCount = masks.shape[0];
    const { gradients, others } = valueAndGradients((p) => {
      const moments: NamedTensors = {};
      const output = detector(
        picture(inputs, 'pixels'),
        p,
        statistics,
        batchNormalisation(p, moments),
        network,
      );
      const firstSimulated = output.maps.shape[0] - simulatedCount;
      const maps = tf.slice4d(
        output.maps,
        [firstSimulated, 0, 0, 0],
        [simulatedCount, side, side, network.kernels],
      );
      const learned = flooredWeights(
        similarityWeights(masks, maps, parameter(p, 'similarity.weights'), parameter(p, 'similarity.bias')),
      );
      const weights = tf.add(learned, tf.mul(fixed, tf.sub(1 / network.kernels, learned))) as tf.Tensor2D;
      const cls = classificationLoss(output.logit, labels);
      const sim = similarityLoss(masks, maps, weights);
      const div = diversityLoss(parameter(p, 'maps.kernel'));
      const fus = fusedMapLoss(output.map, parameter(inputs, 'fused'));
      const weighted = [
        cls,
        tf.mul(sim, config.lambdaSimilarity),
        tf.mul(div, config.lambdaDiversity),
        tf.mul(fus, config.lambdaFused),
      ];
      const loss = tf.addN(weighted) as tf.Scalar;
      const right = tf.equal(tf.greater(output.logit, 0), tf.greater(labels, 0.5));
      return {
        loss,
        others: {
          losses: tf.stack([cls, sim, div, fus, loss]),
          accuracy: tf.mean(tf.cast(right, 'float32')),
          moments: running.pack(moments),
        },
      };
    }, layout.unpack(state.weights));
    const update = adamUpdate(state, layout.pack(gradients), schedule, detectorAdam(config));
    const newRunning = tf.add(
      tf.mul(flat(inputs, 'running'), config.runningDecay),
      tf.mul(others['moments']!, 1 - config.runningDecay),
    ) as tf.Tensor1D;
    return {
      weights: update.weights,
      firstMoment: update.firstMoment,
      secondMoment: update.secondMoment,
      average: movingAverage(flat(inputs, 'average'), update.weights, schedule),
      running: newRunning,
      averageRunning: movingAverage(flat(inputs, 'averageRunning'), newRunning, schedule),
      losses: others['losses']!,
      accuracy: others['accuracy']!,
      gradientNorm: update.norm,
    };
  };
};

/**
 * One generator step. Only the generator's weights and moments move; the detector is frozen, its layers normalised by
 * running moments.
 * `L = .1 BCE(D(x_B), 0) + .1 BCE(D(x_T), 0) + .1 L_sim + .1 L_div(K) + .3 R + L_rec + 2 L_sty + .3 L_con`
 * - in: `weights`, `firstMoment`, `secondMoment`, `schedule`; `detector`, `running`, `spectral`, `perceptual`;
 *   the pairs and draws of `generateFunction`; `styleWeight` `[1]`, which rises during the warm-up
 * - out: the state, `losses` `[4]` (adversarial, sim, div, total), `maskArea` `[]`, `undecided` `[]` (mean 4 M (1 - M)),
 *   `styleChange` `[]` (mean |x_T - x_s|, in grey levels), `gradientNorm` `[]`
 */
export const generatorStepFunction = (config: TrainingConfig): TensorFunction => {
  const network = networkConfig(config);
  const layout = generatorLayout(network);
  const detectorWeights = detectorLayout(network);
  const running = detectorRunningLayout();
  const spectral = spectralLayout(network);
  const perceptual = perceptualLayout();
  return (inputs) => {
    const state = {
      weights: flat(inputs, 'weights'),
      firstMoment: flat(inputs, 'firstMoment'),
      secondMoment: flat(inputs, 'secondMoment'),
    };
    const frozen = detectorWeights.unpack(flat(inputs, 'detector'));
    const normalise = frozenNormalisation(frozen, running.unpack(flat(inputs, 'running')));
    const statistics = spectral.unpack(flat(inputs, 'spectral'));
    const eyes = perceptual.unpack(flat(inputs, 'perceptual'));
    const judge = (pixels: tf.Tensor4D) => detector(pixels, frozen, statistics, normalise, network);
    const [real, reference] = [picture(inputs, 'real'), picture(inputs, 'reference')];
    const [content, style] = [picture(inputs, 'content'), picture(inputs, 'style')];

    const { gradients, others } = valueAndGradients((p) => {
      const { masks, fused } = simulatedMasks(real, p, maskDraws(inputs), network);
      const blended = blendedTarget(fused, real, reference);
      const styled = styleTransferredTarget(content, style, p);
      const judged = judge(tf.concat4d([blended, styled], 0));
      const adversarial = classificationLoss(judged.logit, tf.zerosLike(judged.logit));
      const [blends, , , k] = masks.shape;
      const maps = tf.slice4d(judged.maps, [0, 0, 0, 0], [blends, -1, -1, -1]);
      const weights = flooredWeights(
        similarityWeights(
          masks,
          maps,
          parameter(frozen, 'similarity.weights'),
          parameter(frozen, 'similarity.bias'),
        ),
      );
      const sim = similarityLoss(masks, maps, weights);
      const div = k > 1 ? diversityLoss(parameter(p, 'masks.kernels')) : tf.scalar(0);
      const itself = styleTransferredTarget(content, content, p);
      const seenContent = perceptualFeatures(content, eyes);
      const seenStyle = perceptualFeatures(style, eyes);
      const seen = perceptualFeatures(styled, eyes);
      const sty = tf.addN(seen.map((layer, i) => styleLoss(layer, seenStyle[i]!)));
      const con = tf.addN(seen.map((layer, i) => contentLoss(layer, seenContent[i]!)));
      const stylistic = tf.add(tf.mul(sty, config.style), tf.mul(con, config.content));
      const loss = tf.addN([
        tf.mul(adversarial, config.adversarial),
        tf.mul(sim, config.generatorSimilarity),
        tf.mul(div, config.generatorDiversity),
        tf.mul(maskRegulariser(fused), config.maskRegulariser),
        tf.mul(absoluteLoss(itself, content), config.reconstruction / 255),
        tf.sum(tf.mul(stylistic, flat(inputs, 'styleWeight'))),
      ]) as tf.Scalar;
      return {
        loss,
        others: {
          losses: tf.stack([adversarial, sim, div, loss]),
          maskArea: tf.mean(fused),
          undecided: tf.mul(tf.mean(tf.mul(fused, tf.sub(1, fused))), 4),
          styleChange: absoluteLoss(styled, content),
        },
      };
    }, layout.unpack(state.weights));
    const update = adamUpdate(state, layout.pack(gradients), flat(inputs, 'schedule'), generatorAdam(config));
    return {
      weights: update.weights,
      firstMoment: update.firstMoment,
      secondMoment: update.secondMoment,
      gradientNorm: update.norm,
      losses: others['losses']!,
      maskArea: others['maskArea']!,
      undecided: others['undecided']!,
      styleChange: others['styleChange']!,
    };
  };
};
