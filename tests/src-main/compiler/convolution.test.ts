import * as tf from '@tensorflow/tfjs';
import { describe, test } from 'vitest';
import { expectSame, withGradients } from './compare.ts';
import { floats } from './example-tensors.ts';

type Conv = {
  size: [number, number];
  filter: [number, number];
  stride: number;
  pad: 'same' | 'valid' | number;
  channels?: [number, number];
};

const cases: Conv[] = [
  { size: [8, 8], filter: [3, 3], stride: 1, pad: 'same' },
  { size: [8, 8], filter: [3, 3], stride: 2, pad: 'same' },
  { size: [9, 7], filter: [3, 3], stride: 2, pad: 'same' },
  { size: [9, 7], filter: [3, 3], stride: 1, pad: 'valid' },
  { size: [10, 8], filter: [3, 3], stride: 2, pad: 'valid' },
  { size: [7, 6], filter: [1, 1], stride: 1, pad: 'same' },
  { size: [7, 6], filter: [1, 1], stride: 2, pad: 'same' },
  { size: [8, 8], filter: [4, 4], stride: 2, pad: 'same' },
  { size: [8, 9], filter: [2, 5], stride: 1, pad: 'same' },
  { size: [8, 9], filter: [5, 5], stride: 1, pad: 2 },
  { size: [8, 8], filter: [3, 3], stride: 2, pad: 1 },
  { size: [16, 16], filter: [8, 8], stride: 8, pad: 'valid', channels: [1, 64] },
  { size: [6, 6], filter: [3, 3], stride: 1, pad: 'same', channels: [24, 32] },
  { size: [24, 24], filter: [3, 3], stride: 2, pad: 'same', channels: [40, 16] },
  { size: [8, 10], filter: [3, 3], stride: 1, pad: 'same', channels: [6, 4] }, // filled up with channels of zeros
  { size: [9, 9], filter: [3, 3], stride: 2, pad: 'same', channels: [8, 9] },
];

const title = ({ size, filter, stride, pad, channels = [3, 5] }: Conv) =>
  `${filter.join('x')} from ${channels.join(' to ')}, stride ${stride}, padding ${pad}, on ${size.join('x')}`;

const feedsOf = ({ size, filter, channels = [3, 5] }: Conv) => ({
  x: floats([2, ...size, channels[0]], 1),
  w: floats([...filter, ...channels], 2),
});

describe('a convolution with its gradients equals the eager one', () => {
  test.each(cases.map((one) => [title(one), one] as const))('%s', async (_, one) => {
    const fn = withGradients(({ x, w }) =>
      tf.sum(tf.square(tf.sin(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, one.stride, one.pad)))),
    );
    await expectSame(fn, feedsOf(one), { eager: 'cpu' });
  });
});

test('a dilated convolution equals the eager one', async () => {
  await expectSame(
    ({ x, w }) => ({ y: tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same', 'NHWC', 2) }),
    { x: floats([1, 9, 9, 2]), w: floats([3, 3, 2, 3], 2) },
  );
});

test('explicit paddings that differ on every side are kept', async () => {
  const pad: tf.backend_util.ExplicitPadding = [
    [0, 0],
    [2, 0],
    [1, 3],
    [0, 0],
  ];
  const fn = withGradients(({ x, w }) =>
    tf.sum(tf.square(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, pad))),
  );
  await expectSame(fn, { x: floats([2, 6, 5, 2]), w: floats([3, 3, 2, 4], 2) }, { eager: 'cpu' });
});

test.each(['relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'] as const)(
  'a fused convolution with bias and %s equals the eager one',
  async (activation) => {
    await expectSame(
      ({ x, filter, bias }) => ({
        y: tf.fused.conv2d({
          x: x as tf.Tensor4D,
          filter: filter as tf.Tensor4D,
          strides: 1,
          pad: 'same',
          bias: bias!,
          activation,
          leakyreluAlpha: 0.3,
        }),
      }),
      { x: floats([2, 5, 5, 3]), filter: floats([3, 3, 3, 4], 2), bias: floats([4], 3) },
      { eager: 'cpu' },
    );
  },
);

test.each([1, 2] as const)(
  'a depthwise convolution of stride %d with its gradients equals the eager one',
  async (stride) => {
    const fn = withGradients(({ x, w }) =>
      tf.sum(tf.square(tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, 'same'))),
    );
    await expectSame(fn, { x: floats([2, 7, 6, 3]), w: floats([3, 3, 3, 2], 2) }, { eager: 'cpu' });
  },
);

test.each(['relu', 'relu6', 'elu'] as const)(
  'a fused depthwise convolution with bias and %s equals the eager one',
  async (activation) => {
    await expectSame(
      ({ x, filter, bias }) => ({
        y: tf.fused.depthwiseConv2d({
          x: x as tf.Tensor4D,
          filter: filter as tf.Tensor4D,
          strides: 2,
          pad: 'same',
          bias: bias!,
          activation,
        }),
      }),
      { x: floats([2, 7, 5, 3]), filter: floats([3, 3, 3, 2], 2), bias: floats([6], 3) },
      { eager: 'cpu' },
    );
  },
);

test('a transposed convolution with its gradients equals the eager one', async () => {
  const fn = withGradients(({ x, w }) =>
    tf.sum(tf.square(tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, [2, 9, 8, 3], 2, 'same'))),
  );
  await expectSame(fn, { x: floats([2, 5, 4, 6]), w: floats([3, 3, 3, 6], 2) }, { eager: 'cpu' });
});
