/** Layers that generator and detector share. Tensors are NHWC; parameters come in by name and nothing is kept. */
import * as tf from '@tensorflow/tfjs-core';
import {
  constantVector,
  convolutionKernel,
  normalisedKernel,
  parameter,
  type NamedTensors,
  type ParameterSpec,
} from './parameters.ts';

const NORMALISATION_EPSILON = 1e-3;

/** Kernel, scale and shift of a normalised convolution. */
export const normalisedConvolutionSpecs = (
  name: string,
  size: number,
  ci: number,
  co: number,
): ParameterSpec[] => [
  normalisedKernel(`${name}.kernel`, size, ci, co),
  constantVector(`${name}.scale`, co, 1),
  constantVector(`${name}.shift`, co, 0),
];

/** Kernel and bias of a plain convolution. */
export const convolutionSpecs = (name: string, size: number, ci: number, co: number): ParameterSpec[] => [
  convolutionKernel(`${name}.kernel`, size, ci, co),
  constantVector(`${name}.bias`, co, 0),
];

/** Running mean and variance of one batch-normalised layer. */
export const runningMomentSpecs = (name: string, channels: number): ParameterSpec[] => [
  constantVector(`${name}.mean`, channels, 0),
  constantVector(`${name}.variance`, channels, 1),
];

/** 'same' convolution with bias. `[n, h, w, ci] -> [n, h / stride, w / stride, co]` */
export const convolution = (x: tf.Tensor4D, p: NamedTensors, name: string, stride: 1 | 2 = 1): tf.Tensor4D =>
  tf.add(
    tf.conv2d(x, parameter<tf.Tensor4D>(p, `${name}.kernel`), stride, 'same'),
    parameter(p, `${name}.bias`),
  );

/** How activations are normalised: `(x, layer) -> x'`, same shape. */
export type Normalisation = (x: tf.Tensor4D, layer: string) => tf.Tensor4D;

const scaleAndShift = (x: tf.Tensor, p: NamedTensors, layer: string): tf.Tensor4D =>
  tf.add(tf.mul(x, parameter(p, `${layer}.scale`)), parameter(p, `${layer}.shift`));

/** Each channel of each sample by its own moments over space (Ulyanov et al., 2016). No batch statistics. */
export const instanceNormalisation =
  (p: NamedTensors): Normalisation =>
  (x, layer) => {
    const centred = tf.sub(x, tf.mean(x, [1, 2], true));
    const variance = tf.mean(tf.square(centred), [1, 2], true);
    return scaleAndShift(tf.div(centred, tf.sqrt(tf.add(variance, NORMALISATION_EPSILON))), p, layer);
  };

/** Batch normalisation by the batch's own moments (Ioffe and Szegedy, 2015), which are put into `collected`, by layer. */
export const batchNormalisation =
  (p: NamedTensors, collected: NamedTensors): Normalisation =>
  (x, layer) => {
    const mean = tf.mean(x, [0, 1, 2]);
    const centred = tf.sub(x, mean);
    const variance = tf.mean(tf.square(centred), [0, 1, 2]);
    collected[`${layer}.mean`] = mean;
    collected[`${layer}.variance`] = variance;
    return scaleAndShift(tf.div(centred, tf.sqrt(tf.add(variance, NORMALISATION_EPSILON))), p, layer);
  };

/** Batch normalisation by running moments: an affine map of each channel, the same for every batch. */
export const frozenNormalisation =
  (p: NamedTensors, running: NamedTensors): Normalisation =>
  (x, layer) => {
    const variance = parameter(running, `${layer}.variance`);
    const scale = tf.div(parameter(p, `${layer}.scale`), tf.sqrt(tf.add(variance, NORMALISATION_EPSILON)));
    const shift = tf.sub(parameter(p, `${layer}.shift`), tf.mul(parameter(running, `${layer}.mean`), scale));
    return tf.add(tf.mul(x, scale), shift);
  };

/** Convolution without bias, normalisation, rectifier. `[n, h, w, ci] -> [n, h / stride, w / stride, co]` */
export const normalisedConvolution = (
  x: tf.Tensor4D,
  p: NamedTensors,
  name: string,
  stride: 1 | 2,
  normalise: Normalisation,
): tf.Tensor4D =>
  tf.relu(normalise(tf.conv2d(x, parameter<tf.Tensor4D>(p, `${name}.kernel`), stride, 'same'), name));
