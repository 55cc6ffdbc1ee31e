/** The theatre: what generator and detector make of chosen samples, for people to look at. Nothing is trained. */
import * as tf from '@tensorflow/tfjs-core';
import { detector, detectorLayout, detectorRunningLayout, spectralLayout } from '../models/detector.ts';
import {
  blendedTarget,
  generatorLayout,
  simulatedMasks,
  styleTransferredTarget,
} from '../models/generator.ts';
import { frozenNormalisation } from '../models/layers.ts';
import { parameter, type NamedTensors } from '../models/parameters.ts';
import type { TensorFunction } from '../ports.ts';
import { maskDraws } from './adversarial-steps.ts';
import { kernelCosines } from './losses.ts';
import { generatorCounts } from './sample-counts.ts';
import { networkConfig, type TrainingConfig } from './training-config.ts';

/**
 * What the generator's mode does not make is absent: without learned blends, the masks are drawn and come in.
 * - in: `generator`, `detector`, `running`, `spectral` vectors; `real` x_s, `reference` x_r `[n, S, S, 3]`; for learned
 *   blends the mask draws, otherwise `fused` M `[n, S, S, 1]`; for style transfer `style` `[n, S, S, 3]`
 * - out: `blended` x_B; of learned blends `fused` M `[n, S, S, 1]` and `masks` M_i `[n, S/4, S/4, k]`; of style transfer
 *   `styled` x_T of the hosts; of the blended targets `logitBlended`, `maps` P_i, `map` P, `globalSpectrum`, `localSpectrum`
 *   (see the detector); of the hosts `logitReal`; of the kernels, cosines of all pairs `[k, k]`: `mapCosines`, and where masks
 *   are learned `maskCosines`
 */
export const theatreFunction = (config: TrainingConfig): TensorFunction => {
  const network = networkConfig(config);
  const [g, d, r, s] = [
    generatorLayout(network),
    detectorLayout(network),
    detectorRunningLayout(network),
    spectralLayout(network),
  ];
  const makes = generatorCounts(config);
  return (inputs) => {
    const vector = (name: string) => parameter<tf.Tensor1D>(inputs, name);
    const picture = (name: string) => parameter<tf.Tensor4D>(inputs, name);
    const p = g.unpack(vector('generator'));
    const weights = d.unpack(vector('detector'));
    const normalise = frozenNormalisation(weights, r.unpack(vector('running')));
    const made: NamedTensors = {};
    if (makes.blends > 0) {
      Object.assign(made, simulatedMasks(picture('real'), p, maskDraws(inputs), network));
      made['maskCosines'] = kernelCosines(parameter(p, 'masks.kernels'));
    }
    if (makes.styles > 0) made['styled'] = styleTransferredTarget(picture('reference'), picture('style'), p);
    const fused = parameter<tf.Tensor4D>({ ...inputs, ...made }, 'fused');
    const rounded = tf.round(blendedTarget(fused, picture('real'), picture('reference'))) as tf.Tensor4D;
    const count = rounded.shape[0];
    const both = tf.concat4d([rounded, picture('reference')], 0);
    const judged = detector(both, weights, s.unpack(vector('spectral')), normalise, network);
    const ofBlends = (t: tf.Tensor) =>
      tf.slice(
        t,
        t.shape.map(() => 0),
        [count, ...t.shape.slice(1)],
      );
    return {
      ...made,
      blended: rounded,
      maps: ofBlends(judged.maps),
      map: ofBlends(judged.map),
      globalSpectrum: ofBlends(judged.globalSpectrum),
      localSpectrum: ofBlends(judged.localSpectrum),
      logitBlended: ofBlends(judged.logit),
      logitReal: tf.slice(judged.logit, [count], [count]),
      mapCosines: kernelCosines(parameter(weights, 'maps.kernel')),
    };
  };
};
