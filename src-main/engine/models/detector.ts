/**
 * The detector: reads a crop three ways (spatial features, global DCT, local block DCT with low-rank denoising), joins the
 * two frequency bands through an interaction attention mask, says real or simulated, and draws the simulated-real maps P_i.
 * Claims 1, 6, 8 and 9. Tensors are NHWC.
 *
 * Input
 *   1. pixels `[n, S, S, 3]`, float32 RGB, [0, 255], cut at multiples of 8 pixels
 * Outputs
 *   1. logit `[n]`, natural log odds of "simulated" as trained, not calibrated
 *   2. maps P_i `[n, S/4, S/4, k]`, (0, 1), 1 = simulated
 *   3. map P `[n, S/4, S/4]`, the mean of the P_i
 *   4. globalSpectrum `[n, S, S]`, ln(1 + |DCT of 255 luma|)
 *   5. localSpectrum `[n, S/8, S/8]`, root mean square of what the low-rank denoising left over, in deviations
 */
import * as tf from '@tensorflow/tfjs-core';
import { bandFusion } from '../ops/band-fusion.ts';
import { blockDct } from '../ops/block-dct.ts';
import { rgbToCentredYcbcr } from '../ops/colour.ts';
import { globalDct } from '../ops/dct.ts';
import { lowRankDenoise } from '../ops/low-rank.ts';
import { maskLogits } from '../ops/mask-kernels.ts';
import { residualFilters } from '../ops/residual-filters.ts';
import { SIMILARITY_POOL } from '../training/losses.ts';
import {
  convolutionSpecs,
  normalisedConvolution,
  normalisedConvolutionSpecs,
  runningMomentSpecs,
  type Normalisation,
} from './layers.ts';
import type { NetworkConfig } from './network-config.ts';
import {
  constantVector,
  convolutionKernel,
  denseWeights,
  parameter,
  ParameterLayout,
  type NamedTensors,
} from './parameters.ts';

/** Every batch-normalised convolution: name, size, channels in, channels out, stride. */
const layers = [
  ['spatial.c1', 3, 12, 24, 2],
  ['spatial.c2', 3, 24, 24, 1],
  ['spatial.c3', 3, 24, 48, 2],
  ['spatial.c4', 3, 48, 48, 1],
  ['spatial.c5', 3, 48, 64, 2],
  ['global.c1', 3, 3, 16, 2],
  ['global.c2', 3, 16, 32, 2],
  ['global.c3', 3, 32, 64, 2],
  ['local.c1', 1, 128, 64, 1],
  ['local.c2', 3, 64, 64, 1],
  ['fusion', 1, 192, 64, 1],
] as const;
type LayerName = (typeof layers)[number][0];

const FEATURES = 64;
const BLOCK_COEFFICIENTS = 64;

/** Trained weights. */
export const detectorLayout = (config: NetworkConfig): ParameterLayout =>
  new ParameterLayout([
    ...layers.flatMap(([name, size, ci, co]) => normalisedConvolutionSpecs(name, size, ci, co)),
    convolutionKernel('maps.kernel', 3, 48, config.kernels),
    { ...constantVector('maps.bias', config.kernels, -1) },
    ...convolutionSpecs('attention', 1, 2 * FEATURES, FEATURES),
    denseWeights('classifier.weights', 2 * FEATURES, 1),
    constantVector('classifier.bias', 1, 0),
    denseWeights('similarity.weights', 2 * SIMILARITY_POOL ** 2, 1),
    constantVector('similarity.bias', 1, 0),
  ]);

/** Running moments of the batch-normalised layers. */
export const detectorRunningLayout = (): ParameterLayout =>
  new ParameterLayout(layers.flatMap(([name, , , co]) => runningMomentSpecs(name, co)));

/** Frozen per-coefficient statistics of real crops: mean and deviation of both frequency branches' inputs. */
export const spectralLayout = ({ crop }: NetworkConfig): ParameterLayout =>
  new ParameterLayout([
    { name: 'global.mean', shape: [1, crop, crop, 3], initial: { constant: 0 } },
    { name: 'global.deviation', shape: [1, crop, crop, 3], initial: { constant: 1 } },
    { name: 'local.mean', shape: [1, 1, BLOCK_COEFFICIENTS], initial: { constant: 0 } },
    { name: 'local.deviation', shape: [1, 1, BLOCK_COEFFICIENTS], initial: { constant: 1 } },
  ]);

/** `ln(1 + |DCT2(YCbCr)|)` of a crop and `sign(c) ln(1 + |c|)` of its luma's block coefficients, before standardisation. */
export function spectra(pixels: tf.Tensor4D) {
  const [n, height, width] = pixels.shape;
  const ycc = rgbToCentredYcbcr(pixels);
  const global = tf.log1p(tf.abs(globalDct(ycc))); // [n, S, S, 3]
  const luma = tf.slice4d(ycc, [0, 0, 0, 0], [-1, height, width, 1]);
  const c = tf.reshape(blockDct(luma), [n, (height / 8) * (width / 8), BLOCK_COEFFICIENTS]);
  const local = tf.mul(tf.sign(c), tf.log1p(tf.abs(c))) as tf.Tensor3D; // [n, blocks, 64]
  return { global, local };
}

export interface DetectorOutput {
  logit: tf.Tensor1D;
  maps: tf.Tensor4D;
  map: tf.Tensor3D;
  globalSpectrum: tf.Tensor3D;
  localSpectrum: tf.Tensor3D;
}

/**
 * @param p weights of `detectorLayout`
 * @param spectral statistics of `spectralLayout`
 * @param normalise batch moments while the detector trains, running moments otherwise
 */
export function detector(
  pixels: tf.Tensor4D,
  p: NamedTensors,
  spectral: NamedTensors,
  normalise: Normalisation,
  config: NetworkConfig,
): DetectorOutput {
  const [n, side] = pixels.shape;
  const blocks = side / 8;
  const layer = (x: tf.Tensor4D, name: LayerName) =>
    normalisedConvolution(x, p, name, layers.find((l) => l[0] === name)![4], normalise);

  // Spatial features F_s, from the picture and its high-pass residuals
  const picture: tf.Tensor4D = tf.sub(tf.div(pixels, 255), 0.5);
  const residuals: tf.Tensor4D = tf.tanh(tf.div(residualFilters(pixels), 4)); // [n, S, S, 9]
  const early = layer(layer(tf.concat4d([picture, residuals], 3), 'spatial.c1'), 'spatial.c2'); // [n, S/2, S/2, 24]
  const features = layer(layer(early, 'spatial.c3'), 'spatial.c4'); // F_s [n, S/4, S/4, 48]
  const deep = layer(features, 'spatial.c5'); // [n, S/8, S/8, 64]

  // Simulated-real maps P_i
  const biased = parameter<tf.Tensor1D>(p, 'maps.bias');
  const maps = tf.sigmoid(tf.add(maskLogits(features, parameter(p, 'maps.kernel')), biased)) as tf.Tensor4D;
  const map = tf.mean(maps, 3) as tf.Tensor3D; // P [n, S/4, S/4]

  // Global band F_g
  const { global, local } = spectra(pixels);
  const standard = tf.div(
    tf.sub(global, parameter(spectral, 'global.mean')),
    parameter(spectral, 'global.deviation'),
  ) as tf.Tensor4D;
  const globalBand = layer(layer(layer(standard, 'global.c1'), 'global.c2'), 'global.c3'); // [n, S/8, S/8, 64]

  // Local band F_l
  const a = tf.div(
    tf.sub(local, parameter(spectral, 'local.mean')),
    parameter(spectral, 'local.deviation'),
  ) as tf.Tensor3D;
  const { lowRank, residual } = lowRankDenoise(a, config.rank, config.subspacePasses);
  const bothParts = tf.reshape(tf.concat3d([lowRank, residual], 2), [
    n,
    blocks,
    blocks,
    2 * BLOCK_COEFFICIENTS,
  ]);
  const localBand = layer(layer(bothParts as tf.Tensor4D, 'local.c1'), 'local.c2'); // [n, S/8, S/8, 64]

  // Both bands joined, then all three
  const attention = tf.reshape(parameter(p, 'attention.kernel'), [2 * FEATURES, FEATURES]) as tf.Tensor2D;
  const { fusedGlobal, fusedLocal } = bandFusion(
    globalBand,
    localBand,
    attention,
    parameter(p, 'attention.bias'),
  );
  const joined = layer(tf.concat4d([deep, fusedGlobal, fusedLocal], 3), 'fusion'); // [n, S/8, S/8, 64]
  const pooled = tf.concat([tf.mean(joined, [1, 2]), tf.max(joined, [1, 2])], 1); // [n, 128]
  const logit = tf.add(
    tf.matMul(pooled as tf.Tensor2D, parameter<tf.Tensor2D>(p, 'classifier.weights')),
    parameter(p, 'classifier.bias'),
  );

  return {
    logit: tf.reshape(logit, [n]) as tf.Tensor1D,
    maps,
    map,
    globalSpectrum: tf.reshape(tf.slice4d(global, [0, 0, 0, 0], [-1, side, side, 1]), [n, side, side]),
    localSpectrum: tf.reshape(tf.sqrt(tf.mean(tf.square(residual), 2)), [n, blocks, blocks]),
  };
}
