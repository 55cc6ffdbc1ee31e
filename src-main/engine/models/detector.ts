/**
 * The detector: reads a crop three ways (spatial features, global DCT, local block DCT with low-rank denoising), joins the
 * two frequency bands through an interaction attention mask, says real or simulated, and draws the simulated-real maps P_i.
 * Claims 1, 6, 8 and 9. Tensors are NHWC. With one frequency band there is nothing to join: it goes to the last fusion as
 * it is; with none, the spatial features go alone. The outputs are the same whatever the branches.
 *
 * Input
 *   1. pixels `[n, S, S, 3]`, float32 RGB, [0, 255], cut at multiples of 8 pixels
 * Outputs
 *   1. logit `[n]`, natural log odds of "simulated" as trained, not calibrated
 *   2. maps P_i `[n, S/4, S/4, k]`, (0, 1), 1 = simulated
 *   3. map P `[n, S/4, S/4]`, the mean of the P_i
 *   4. globalSpectrum `[n, S, S]`, ln(1 + |DCT of 255 luma|)
 *   5. localSpectrum `[n, S/8, S/8]`, root mean square of what the low-rank denoising left over, in deviations
 *   6. blockSpectrum `[n, S/8, S/8]`, root mean square of a block's whole spectrum A, in deviations
 *   7. ablated, when it is asked for, `[n, branches]`: the logit with each branch of `branchesOf` switched off in turn, its
 *      features F_s5, F_g or F_l all zero
 */
import * as tf from '@tensorflow/tfjs-core';
import { bandFusion } from '../ops/band-fusion.ts';
import { blockDct } from '../ops/block-dct.ts';
import { rgbToCentredYcbcr } from '../ops/colour.ts';
import { globalDct } from '../ops/dct.ts';
import { lowRankDenoise } from '../ops/low-rank.ts';
import { maskLogits } from '../ops/mask-kernels.ts';
import { upsampleNearest2 } from '../ops/resize.ts';
import { residualFilters } from '../ops/residual-filters.ts';
import { SIMILARITY_POOL } from '../training/losses.ts';
import {
  convolutionSpecs,
  normalisedConvolution,
  normalisedConvolutionSpecs,
  runningMomentSpecs,
  type Normalisation,
} from './layers.ts';
import { hasGlobalBand, hasLocalBand, type NetworkConfig } from './network-config.ts';
import {
  constantVector,
  convolutionKernel,
  denseWeights,
  parameter,
  ParameterLayout,
  type NamedTensors,
} from './parameters.ts';

type Layer = readonly [name: string, size: number, channelsIn: number, channelsOut: number, stride: 1 | 2];
const FEATURES = 64;
const BLOCK_COEFFICIENTS = 64;

const spatialLayers = [
  ['spatial.c1', 3, 12, 24, 2],
  ['spatial.c2', 3, 24, 24, 1],
  ['spatial.c3', 3, 24, 48, 2],
  ['spatial.c4', 3, 48, 48, 1],
  ['spatial.c5', 3, 48, FEATURES, 2],
  ['spatial.context', 3, FEATURES, 48, 1],
] as const satisfies Layer[];
const globalLayers = [
  ['global.c1', 3, 3, 16, 2],
  ['global.c2', 3, 16, 32, 2],
  ['global.c3', 3, 32, FEATURES, 2],
] as const satisfies Layer[];
const localLayers = [
  ['local.c1', 1, 2 * BLOCK_COEFFICIENTS, 64, 1],
  ['local.c2', 3, 64, FEATURES, 1],
] as const satisfies Layer[];

/** Every batch-normalised convolution that the network has. */
function layersOf(config: NetworkConfig): Layer[] {
  const bands = [
    ...(hasGlobalBand(config) ? [globalLayers] : []),
    ...(hasLocalBand(config) ? [localLayers] : []),
  ];
  return [...spatialLayers, ...bands.flat(), ['fusion', 1, (1 + bands.length) * FEATURES, FEATURES, 1]];
}

/** Trained weights: those of the branches that there are. */
export const detectorLayout = (config: NetworkConfig): ParameterLayout =>
  new ParameterLayout([
    ...layersOf(config).flatMap(([name, size, ci, co]) => normalisedConvolutionSpecs(name, size, ci, co)),
    convolutionKernel('maps.kernel', 3, 48, config.kernels),
    constantVector('maps.bias', config.kernels, -1),
    ...(config.frequencyBands === 'both' ? convolutionSpecs('attention', 1, 2 * FEATURES, FEATURES) : []),
    denseWeights('classifier.weights', 2 * FEATURES, 1),
    constantVector('classifier.bias', 1, 0),
    denseWeights('similarity.weights', 2 * SIMILARITY_POOL ** 2, 1),
    constantVector('similarity.bias', 1, 0),
  ]);

/** Running moments of the batch-normalised layers. */
export const detectorRunningLayout = (config: NetworkConfig): ParameterLayout =>
  new ParameterLayout(layersOf(config).flatMap(([name, , , co]) => runningMomentSpecs(name, co)));

/**
 * Frozen per-coefficient statistics of real crops: mean and deviation of both frequency branches' inputs. They are measured
 * whichever branches there are, since the local ones also scale the spectrum that is shown.
 */
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
  blockSpectrum: tf.Tensor3D;
  /** Computed only when called. */
  ablated: () => tf.Tensor2D;
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
  const layer = (x: tf.Tensor4D, [name, , , , stride]: Layer) =>
    normalisedConvolution(x, p, name, stride, normalise);
  const chain = (x: tf.Tensor4D, layers: readonly Layer[]) => layers.reduce(layer, x);

  // Spatial features F_s, from the picture and its high-pass residuals
  const picture: tf.Tensor4D = tf.sub(tf.div(pixels, 255), 0.5);
  const residuals: tf.Tensor4D = tf.tanh(tf.div(residualFilters(pixels), 4)); // [n, S, S, 9]
  const fine = chain(tf.concat4d([picture, residuals], 3), spatialLayers.slice(0, 4)); // [n, S/4, S/4, 48]
  const deep = layer(fine, spatialLayers[4]); // F_s5 [n, S/8, S/8, 64]
  // With the coarser level added, a place knows what surrounds it: whole regions, not only their edges, can stand out
  // (feature pyramid, Lin et al., CVPR 2017)
  const context = upsampleNearest2(layer(deep, spatialLayers[5]));
  const features = tf.add(fine, context) as tf.Tensor4D; // F_s [n, S/4, S/4, 48]

  // Simulated-real maps P_i
  const biased = parameter<tf.Tensor1D>(p, 'maps.bias');
  const maps = tf.sigmoid(tf.add(maskLogits(features, parameter(p, 'maps.kernel')), biased)) as tf.Tensor4D;
  const map = tf.mean(maps, 3) as tf.Tensor3D; // P [n, S/4, S/4]

  // Frequency bands F_g and F_l
  const { global, local } = spectra(pixels);
  const standardised = <T extends tf.Tensor>(x: T, band: 'global' | 'local'): T =>
    tf.div(tf.sub(x, parameter(spectral, `${band}.mean`)), parameter(spectral, `${band}.deviation`));
  const a = standardised(local, 'local'); // A
  const { lowRank, residual } = lowRankDenoise(a, config.rank, config.subspacePasses); // L and A - L
  const globalBand = () => chain(standardised(global, 'global'), globalLayers); // F_g [n, S/8, S/8, 64]
  const localBand = () => {
    const bothParts = tf.concat3d([lowRank, residual], 2);
    return chain(tf.reshape(bothParts, [n, blocks, blocks, 2 * BLOCK_COEFFICIENTS]), localLayers); // F_l
  };

  /** Root mean square over the coefficients of each block. */
  const ofBlocks = (coefficients: tf.Tensor3D): tf.Tensor3D =>
    tf.reshape(tf.sqrt(tf.mean(tf.square(coefficients), 2)), [n, blocks, blocks]);
  const branches = [
    deep,
    ...(hasGlobalBand(config) ? [globalBand()] : []),
    ...(hasLocalBand(config) ? [localBand()] : []),
  ];
  /** Both bands joined, then all three; the branches' features come in the order of `branchesOf`. */
  const say = ([spatial, ...bands]: tf.Tensor4D[]): tf.Tensor2D => {
    let fused = bands;
    if (config.frequencyBands === 'both') {
      const kernel = tf.reshape(parameter(p, 'attention.kernel'), [2 * FEATURES, FEATURES]) as tf.Tensor2D;
      const joint = bandFusion(bands[0]!, bands[1]!, kernel, parameter(p, 'attention.bias'));
      fused = [joint.fusedGlobal, joint.fusedLocal];
    }
    const joined = layer(tf.concat4d([spatial!, ...fused], 3), layersOf(config).at(-1)!); // [n, S/8, S/8, 64]
    const pooled = tf.concat([tf.mean(joined, [1, 2]), tf.max(joined, [1, 2])], 1); // [n, 128]
    return tf.add(
      tf.matMul(pooled as tf.Tensor2D, parameter<tf.Tensor2D>(p, 'classifier.weights')),
      parameter(p, 'classifier.bias'),
    );
  };
  const without = (branch: number): tf.Tensor4D[] =>
    branches.map((x, i) => (i === branch ? tf.mul(x, 0) : x));

  return {
    logit: tf.reshape(say(branches), [n]) as tf.Tensor1D,
    maps,
    map,
    globalSpectrum: tf.reshape(tf.slice4d(global, [0, 0, 0, 0], [-1, side, side, 1]), [n, side, side]),
    localSpectrum: ofBlocks(residual),
    blockSpectrum: ofBlocks(a),
    ablated: () =>
      tf.concat(
        branches.map((_, i) => say(without(i))),
        1,
      ),
  };
}
