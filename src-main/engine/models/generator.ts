/**
 * The generator: makes simulated samples of real photographs, by blending under learned masks (claims 2, 3 and 7) and by
 * attention-based style transfer (claims 4 and 5). Tensors are NHWC, pictures float32 RGB in [0, 255].
 *
 * Orientation: M = 1 is the region taken from x_s, x_r is the host; a style-transferred picture has M = 1 everywhere.
 */
import * as tf from '@tensorflow/tfjs-core';
import { attentionStyle } from '../ops/attention-style.ts';
import { blend } from '../ops/blend.ts';
import { areaMask, maskLogits, standardiseMaps } from '../ops/mask-kernels.ts';
import { areaResize, bilinearResize, upsampleNearest2 } from '../ops/resize.ts';
import {
  convolution,
  convolutionSpecs,
  instanceNormalisation,
  normalisedConvolution,
  normalisedConvolutionSpecs,
} from './layers.ts';
import { mapSide, type NetworkConfig } from './network-config.ts';
import {
  convolutionKernel,
  denseWeights,
  parameter,
  ParameterLayout,
  type NamedTensors,
  type ParameterSpec,
} from './parameters.ts';

const STYLE_FEATURES = 48;
const ATTENTION_WIDTH = 24;
const MASK_FEATURES = 24;
/** Slope of each M_i about its quantile. */
const MASK_SLOPE = 4;

/** Every instance-normalised convolution: name, channels in, channels out, stride; all 3x3. */
const layers = [
  ['masks.c1', 3, 16, 2],
  ['masks.c2', 16, 24, 2],
  ['masks.c3', 24, 24, 1],
  ['masks.c4', 24, MASK_FEATURES, 1],
  ['content.c1', 3, 16, 1],
  ['content.c2', 16, 32, 2],
  ['content.c3', 32, 48, 2],
  ['content.c4', 48, STYLE_FEATURES, 2],
] as const;
type LayerName = (typeof layers)[number][0];

/**
 * The style encoder and the decoder are not normalised: what instance normalisation removes, mean and deviation, is the
 * style itself (Huang and Belongie, Arbitrary Style Transfer, ICCV 2017, section 6.1). Convolutions with bias, rectified.
 */
const styleLayers = [
  ['style.c1', 3, 16],
  ['style.c2', 16, 32],
  ['style.c3', 32, STYLE_FEATURES],
] as const;
const decoderLayers = [
  ['decoder.c1', STYLE_FEATURES, 48],
  ['decoder.c2', 48, 32],
  ['decoder.c3', 32 + 32, 16],
] as const;

/** The decoder's last layer starts small, so that x_T starts as x_s. */
const lastLayer: ParameterSpec[] = [
  { ...convolutionKernel('decoder.c4.kernel', 3, 16 + 16, 3), initial: { deviation: 0.01 } },
  { name: 'decoder.c4.bias', shape: [3], initial: { constant: 0 } },
];

export const generatorLayout = (config: NetworkConfig): ParameterLayout =>
  new ParameterLayout([
    ...layers.flatMap(([name, ci, co]) => normalisedConvolutionSpecs(name, 3, ci, co)),
    ...[...styleLayers, ...decoderLayers].flatMap(([name, ci, co]) => convolutionSpecs(name, 3, ci, co)),
    ...lastLayer,
    convolutionKernel('masks.kernels', 3, MASK_FEATURES, config.kernels),
    denseWeights('attention.query', STYLE_FEATURES, ATTENTION_WIDTH),
    denseWeights('attention.key', STYLE_FEATURES, ATTENTION_WIDTH),
    denseWeights('attention.value', STYLE_FEATURES, STYLE_FEATURES),
  ]);

const toUnit = (pixels: tf.Tensor4D): tf.Tensor4D => tf.sub(tf.div(pixels, 255), 0.5);

const layer = (x: tf.Tensor4D, p: NamedTensors, name: LayerName) =>
  normalisedConvolution(x, p, name, layers.find((l) => l[0] === name)![3], instanceNormalisation(p));

/** Random draws of one batch of masks, made outside, so that the function is pure. */
export interface MaskDraws {
  /** Target area of the masks `[n, 1, 1, 1]`, .06 to .45 */
  area: tf.Tensor4D;
  /** Dirichlet weights of the k maps in the fused mask `[n, 1, 1, k]` */
  mixture: tf.Tensor4D;
  /** Slope s of the fused mask `[n, 1, 1, 1]`: 6 is a soft feather, 400 a hard edge */
  slope: tf.Tensor4D;
}

/**
 * Simulated masks of the real image x_s, from its first real features F.
 * ```
 * z_i = up4(avgpool4(K_i * F)), standardised per map
 * M_i = sigmoid(4 (z_i - q_a(z_i)))
 * z_f = standardise(sum_i w_i z_i), bilinear to S x S;  M = sigmoid(s/4 (z_f - q_a(z_f)))
 * ```
 * @returns `masks` M_i `[n, S/4, S/4, k]`, `fused` M `[n, S, S, 1]`
 */
export function simulatedMasks(real: tf.Tensor4D, p: NamedTensors, draws: MaskDraws, config: NetworkConfig) {
  const side = mapSide(config);
  const features = layer(
    layer(layer(layer(toUnit(real), p, 'masks.c1'), p, 'masks.c2'), p, 'masks.c3'),
    p,
    'masks.c4',
  );
  const logits = maskLogits(features, parameter<tf.Tensor4D>(p, 'masks.kernels')); // [n, S/4, S/4, k]
  const smooth = bilinearResize(areaResize(logits, side / 4, side / 4), side, side);
  const z = standardiseMaps(smooth);
  const masks = areaMask(z, draws.area, MASK_SLOPE);
  const mixed = standardiseMaps(tf.sum(tf.mul(z, draws.mixture), 3, true));
  const large = bilinearResize(mixed, config.crop, config.crop);
  const fused = areaMask(large, draws.area, tf.div(draws.slope, 4) as tf.Tensor4D);
  return { masks, fused };
}

/** The blended target `x_B = M x_s + (1 - M) x_r`, the fused mask repeated to three channels. */
export const blendedTarget = (fused: tf.Tensor4D, real: tf.Tensor4D, reference: tf.Tensor4D): tf.Tensor4D =>
  blend(tf.tile(fused, [1, 1, 1, 3]), real, reference);

/**
 * The style-transferred target x_T: the real image's content (second real features) with the reference's style. The decoder
 * adds to the picture in logit space, which keeps its detail:
 * `x_T = clip(sigmoid(logit(c) + D_T(F, skips)) + (x_s - c), 0, 1)`, `c = clip(x_s, .02, .98)`. What the inner clipping cuts
 * off comes back, so that black and white stay possible: their absence would tell a styled picture from a real one.
 * @param real x_s `[n, S, S, 3]`
 * @param reference `[n, S, S, 3]`
 * @returns `[n, S, S, 3]`, [0, 255]
 */
export function styleTransferredTarget(
  real: tf.Tensor4D,
  reference: tf.Tensor4D,
  p: NamedTensors,
): tf.Tensor4D {
  const full = layer(toUnit(real), p, 'content.c1'); // [n, S, S, 16]
  const half = layer(full, p, 'content.c2'); // [n, S/2, S/2, 32]
  const content = layer(layer(half, p, 'content.c3'), p, 'content.c4'); // second real features [n, S/8, S/8, 48]
  let style = toUnit(reference);
  const rectified = (x: tf.Tensor4D, name: string, stride: 1 | 2): tf.Tensor4D =>
    tf.relu(convolution(x, p, name, stride));
  for (const [name] of styleLayers) style = rectified(style, name, 2); // [n, S/8, S/8, 48]

  const { fused } = attentionStyle(
    content,
    style,
    parameter(p, 'attention.query'),
    parameter(p, 'attention.key'),
    parameter(p, 'attention.value'),
  );
  const d1 = upsampleNearest2(rectified(fused, 'decoder.c1', 1));
  const d2 = upsampleNearest2(rectified(d1, 'decoder.c2', 1));
  const d3 = upsampleNearest2(rectified(tf.concat4d([d2, half], 3), 'decoder.c3', 1));
  const change = convolution(tf.concat4d([d3, full], 3), p, 'decoder.c4');

  const unit = tf.div(real, 255);
  const clipped = tf.clipByValue(unit, 0.02, 0.98);
  const logit = tf.log(tf.div(clipped, tf.sub(1, clipped)));
  const styled = tf.add(tf.sigmoid(tf.add(logit, change)), tf.sub(unit, clipped));
  return tf.mul(tf.clipByValue(styled, 0, 1), 255) as tf.Tensor4D;
}

/** A frozen random network for L_sty and L_con (no downloaded weights): two convolutions, never trained. */
export const perceptualLayout = (): ParameterLayout =>
  new ParameterLayout([
    ...convolutionSpecs('perceptual.c1', 3, 3, 16),
    ...convolutionSpecs('perceptual.c2', 3, 16, 32),
  ]);

/** The picture itself and both layers' activations, which L_sty and L_con compare. */
export function perceptualFeatures(pixels: tf.Tensor4D, p: NamedTensors): tf.Tensor4D[] {
  const x = toUnit(pixels);
  const first = tf.relu(convolution(x, p, 'perceptual.c1', 2));
  return [x, first, tf.relu(convolution(first, p, 'perceptual.c2', 2))];
}
