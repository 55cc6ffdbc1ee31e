/**
 * The generator's half of adversarial training: one generator step, a pure function like the detector's
 * (`adversarial-steps.ts`). Pictures are float32 RGB in [0, 255], NHWC.
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
} from '../models/generator.ts';
import { frozenNormalisation } from '../models/layers.ts';
import { parameter, type NamedTensors } from '../models/parameters.ts';
import type { TensorFunction } from '../ports.ts';
import type { GeneratorCounts } from './accumulation.ts';
import { flat, maskDraws, part, picture, type Inputs } from './adversarial-steps.ts';
import {
  absoluteLoss,
  classificationLoss,
  contentLoss,
  diversityLoss,
  flooredWeights,
  maskRegulariser,
  relativeStyleLoss,
  similarityLoss,
  similarityWeights,
  weightedSum,
  type WeightedLoss,
} from './losses.ts';
import { adamUpdate, valueAndGradients, type AdamConfig } from './optimiser.ts';
import { generatorCounts } from './sample-counts.ts';
import { networkConfig, type TrainingConfig } from './training-config.ts';

export const generatorAdam = (config: TrainingConfig): AdamConfig => ({
  beta1: 0.5,
  beta2: 0.99,
  weightDecay: 0,
  clip: config.generatorClip,
});

const zero = (): tf.Scalar => tf.scalar(0);

/** The style network's own losses: `reconstruction L_rec`, and `style L_sty + content L_con` times the warm-up's weight. */
function styleLosses(
  styled: tf.Tensor4D,
  inputs: Inputs,
  p: NamedTensors,
  eyes: NamedTensors,
  config: TrainingConfig,
): WeightedLoss[] {
  const [content, style] = [picture(inputs, 'content'), picture(inputs, 'style')];
  const losses: WeightedLoss[] = [];
  if (config.reconstruction > 0) {
    const itself = styleTransferredTarget(content, content, p);
    losses.push([config.reconstruction / 255, absoluteLoss(itself, content)]);
  }
  if (config.style > 0 || config.content > 0) {
    const seen = perceptualFeatures(styled, eyes);
    const ofContent = perceptualFeatures(content, eyes);
    const ofStyle = perceptualFeatures(style, eyes);
    const share = 1 / seen.length; // L_sty and L_con are means over the layers
    const both = weightedSum([
      ...seen.map(
        (x, i) => [config.style * share, relativeStyleLoss(x, ofContent[i]!, ofStyle[i]!)] as const,
      ),
      ...seen.map((x, i) => [config.content * share, contentLoss(x, ofContent[i]!)] as const),
    ]);
    losses.push([1, tf.sum(tf.mul(both, flat(inputs, 'styleWeight')))]);
  }
  return losses;
}

/**
 * What a part's losses count for in the whole batch's; absent where the part is the whole. Style-transferred samples are all
 * in one part, so that their losses count whole.
 */
type Shares = Record<'blends' | 'all', tf.Scalar>;

/** The generator on one batch, or on a part of it: gradients, losses and what is measured. */
const generatorPass = (config: TrainingConfig, counts: GeneratorCounts) => {
  const network = networkConfig(config);
  const layout = generatorLayout(network);
  const detectorWeights = detectorLayout(network);
  const running = detectorRunningLayout(network);
  const spectral = spectralLayout(network);
  const perceptual = perceptualLayout();
  const judges = config.adversarial > 0 || (config.generatorSimilarity > 0 && counts.blends > 0);
  return (inputs: Inputs, shares?: Shares) => {
    const frozen = detectorWeights.unpack(flat(inputs, 'detector'));
    const normalise = frozenNormalisation(frozen, running.unpack(flat(inputs, 'running')));
    const statistics = spectral.unpack(flat(inputs, 'spectral'));
    const eyes = perceptual.unpack(flat(inputs, 'perceptual'));

    const { gradients, others } = valueAndGradients(
      (p) => {
        const losses: WeightedLoss[] = [];
        const targets: tf.Tensor4D[] = [];
        const measured: NamedTensors = {};
        let masks: tf.Tensor4D | undefined; // M_i
        let [adversarial, sim, div] = [zero(), zero(), zero()];
        if (counts.blends > 0) {
          const [real, reference] = [picture(inputs, 'real'), picture(inputs, 'reference')];
          const made = simulatedMasks(real, p, maskDraws(inputs), network);
          masks = made.masks;
          const blended = blendedTarget(made.fused, real, reference); // x_B
          targets.push(blended);
          div = part(diversityLoss(parameter(p, 'masks.kernels')), shares?.blends);
          const regulariser = part(maskRegulariser(made.fused), shares?.blends);
          losses.push([config.generatorDiversity, div], [config.maskRegulariser, regulariser]);
          measured['maskArea'] = part(tf.mean(made.fused), shares?.blends);
          measured['maskAreas'] = part(tf.mean(made.masks, [0, 1, 2]), shares?.blends);
          measured['maskDeviation'] = part(
            tf.mean(tf.sqrt(tf.moments(made.fused, [1, 2, 3]).variance)),
            shares?.blends,
          );
          measured['blendChange'] = part(absoluteLoss(blended, reference), shares?.blends);
        }
        if (counts.styles > 0) {
          const content = picture(inputs, 'content');
          const styled = styleTransferredTarget(content, picture(inputs, 'style'), p); // x_T
          targets.push(styled);
          losses.push(...styleLosses(styled, inputs, p, eyes, config));
          measured['styleChange'] = absoluteLoss(styled, content);
        }
        if (judges) {
          const judged = detector(tf.concat4d(targets, 0), frozen, statistics, normalise, network);
          adversarial = part(classificationLoss(judged.logit, tf.zerosLike(judged.logit)), shares?.all);
          losses.push([config.adversarial, adversarial]);
          if (masks && config.generatorSimilarity > 0) {
            const maps = tf.slice4d(judged.maps, [0, 0, 0, 0], masks.shape); // P_i of the blends
            const layer = parameter<tf.Tensor2D>(frozen, 'similarity.weights');
            const weights = similarityWeights(masks, maps, layer, parameter(frozen, 'similarity.bias'));
            sim = part(similarityLoss(masks, maps, flooredWeights(weights)), shares?.blends);
            losses.push([config.generatorSimilarity, sim]);
          }
        }
        const loss = weightedSum(losses);
        return { loss, others: { losses: tf.stack([adversarial, sim, div, loss]), ...measured } };
      },
      layout.unpack(flat(inputs, 'weights')),
    );
    return { gradient: layout.pack(gradients), ...others };
  };
};

const generatorUpdate = (inputs: Inputs, gradient: tf.Tensor1D, config: TrainingConfig) => {
  const state = {
    weights: flat(inputs, 'weights'),
    firstMoment: flat(inputs, 'firstMoment'),
    secondMoment: flat(inputs, 'secondMoment'),
  };
  const update = adamUpdate(state, gradient, flat(inputs, 'schedule'), generatorAdam(config));
  return {
    weights: update.weights,
    firstMoment: update.firstMoment,
    secondMoment: update.secondMoment,
    gradientNorm: update.norm,
  };
};

/**
 * One generator step. Only the generator's weights and moments move; the detector is frozen, its layers normalised by
 * running moments.
 * `L = adversarial L_cls(D(x), 0) + generatorSimilarity L_sim + generatorDiversity L_div(K) + maskRegulariser R
 * + reconstruction L_rec + style L_sty + content L_con`, with the weights of the training configuration. A loss of weight 0
 * is left out, and so is everything about samples that the generator's mode does not make.
 * - in: `weights`, `firstMoment`, `secondMoment`, `schedule`; `detector`, `running`, `spectral`, `perceptual`;
 *   the pairs and draws of `generateFunction`; `styleWeight` `[1]`, which rises during the warm-up
 * - out: the state, `losses` `[4]` (adversarial, sim, div, total; 0 for one that is left out), `gradientNorm` `[]`; of
 *   blends `maskArea` `[]` (of M), `maskAreas` `[k]` (of each M_i), `maskDeviation` `[]` (of M over its positions),
 *   `blendChange` `[]` (mean |x_B - x_r|); of style transfer `styleChange` `[]` (mean |x_T - x_s|); changes in grey levels
 */
export const generatorStepFunction = (config: TrainingConfig): TensorFunction => {
  const pass = generatorPass(config, generatorCounts(config));
  return (inputs) => {
    const { gradient, ...others } = pass(inputs);
    return { ...generatorUpdate(inputs, gradient, config), ...others };
  };
};

/**
 * The step on a part of the batch (`accumulation.ts`), without its update.
 * - in: `weights`; `detector`, `running`, `spectral`, `perceptual`; the part's rows of the pairs and draws; `styleWeight` `[1]`;
 *   `shares` `[2]`
 * - out: `gradient` `[size]` and what `generatorStepFunction` measures of what the part holds; all add up over the parts
 */
export const generatorPartFunction = (config: TrainingConfig, counts: GeneratorCounts): TensorFunction => {
  const pass = generatorPass(config, counts);
  return (inputs) => {
    const share = (i: number): tf.Scalar => tf.reshape(tf.slice1d(flat(inputs, 'shares'), i, 1), []);
    return pass(inputs, { blends: share(0), all: share(1) });
  };
};

/** The update that follows the parts. In: the state, `schedule`, `gradient` of the whole batch. Out: the state. */
export const generatorUpdateFunction =
  (config: TrainingConfig): TensorFunction =>
  (inputs) =>
    generatorUpdate(inputs, flat(inputs, 'gradient'), config);
