/** The trained detector as a function of pixels alone: what is exported, and what any other runtime must agree with. */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorFunction } from '../ports.ts';
import { detector, detectorLayout, detectorRunningLayout, spectralLayout } from './detector.ts';
import { frozenNormalisation } from './layers.ts';
import type { NetworkConfig } from './network-config.ts';

export interface DetectorVectors {
  weights: Float32Array;
  running: Float32Array;
  spectral: Float32Array;
}

/**
 * - in: `pixels` `[n, S, S, 3]`, int32, 0 to 255
 * - out: `logit` `[n]`, `map` `[n, S/4, S/4]`, `maps` `[n, S/4, S/4, k]`, `global_spectrum` `[n, S, S]`,
 *   `local_spectrum` and `block_spectrum` `[n, S/8, S/8]`, `ablated` `[n, branches]`; ranges and units as the detector states them
 */
export const frozenDetector = (network: NetworkConfig, vectors: DetectorVectors): TensorFunction => {
  const [d, r, s] = [detectorLayout(network), detectorRunningLayout(network), spectralLayout(network)];
  return (inputs) => {
    const weights = d.unpack(tf.tensor1d(vectors.weights));
    const normalise = frozenNormalisation(weights, r.unpack(tf.tensor1d(vectors.running)));
    const pixels = tf.cast(inputs['pixels']!, 'float32') as tf.Tensor4D;
    const output = detector(pixels, weights, s.unpack(tf.tensor1d(vectors.spectral)), normalise, network);
    return {
      logit: output.logit,
      map: output.map,
      maps: output.maps,
      global_spectrum: output.globalSpectrum,
      local_spectrum: output.localSpectrum,
      block_spectrum: output.blockSpectrum,
      ablated: output.ablated(),
    };
  };
};
