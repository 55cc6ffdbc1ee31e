import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { compileToOnnx } from '#compiler/compile.ts';
import { readOnnxFacts } from '#compiler/onnx-file.ts';
import type { TensorFunction } from '#engine/ports.ts';
import { expectClose, openSession, runEagerly, runSession } from './compare.ts';
import { type Feeds, floats, integers } from './example-tensors.ts';

const weights = {
  first: floats([3, 3, 3, 8], 1, -0.3, 0.3),
  dense: floats([8, 1], 2),
};

/** A detector in small: pixels to floats, convolution, instance normalisation, blocks, attention, pooling, slices. */
const detector: TensorFunction = ({ pixels }) => {
  const w = (name: keyof typeof weights) => tf.tensor(weights[name].data, weights[name].shape);
  const x = tf.div(tf.cast(pixels!, 'float32'), 255) as tf.Tensor4D;
  const [n, h, wide] = x.shape;
  const y = tf.conv2d(x, w('first') as tf.Tensor4D, 2, 'same');
  const { mean, variance } = tf.moments(y, [1, 2], true);
  const z = tf.relu(tf.mul(tf.sub(y, mean), tf.rsqrt(tf.add(variance, 1e-5)))) as tf.Tensor4D;
  const rows = tf.reshape(z, [n!, (h! / 2) * (wide! / 2), 8]);
  const attention = tf.softmax(tf.matMul(rows, rows, false, true));
  const mixed = tf.add(tf.reshape(tf.matMul(attention, rows), z.shape), tf.fill(z.shape, 0.5)) as tf.Tensor4D;
  const padded = tf.pad(mixed, [[0, 0], [1, 1], [0, 0], [0, 0]]) as tf.Tensor4D; // prettier-ignore
  const up = tf.image.resizeBilinear(padded, [h!, wide!], false, true);
  const pooled = tf.avgPool(up, 2, 2, 'same');
  const logit = tf.reshape(tf.matMul(tf.mean(pooled, [1, 2]), w('dense') as tf.Tensor2D), [n!]);
  const bias = tf.mul(tf.range(0, n!), 0.25);
  const tiled = tf.tile(tf.reshape(tf.linspace(0, 1, 4), [1, 4]), [n!, 1]);
  return {
    logit: tf.add(tf.add(logit, bias), tf.zeros([n!])),
    map: tf.squeeze(tf.slice(up, [0, 0, 0, 0], [n!, h!, wide!, 1]), [3]),
    half: tf.concat([tf.mean(pooled, 3).reshape([n!, -1]), tiled], 1),
    doubled: tf.concat([logit, logit], 0),
  };
};

const example: Feeds = { pixels: integers([5, 12, 10, 3], 3, 0, 256) };

describe('a graph with a dynamic batch', async () => {
  const bytes = await compileToOnnx('detector', detector, example, {
    dynamicBatch: true,
    inputDtypes: { pixels: 'uint8' },
    metadata: { 'pentimento.passport': '{"tileSize":64}', other: 'ü' },
  });
  const session = await openSession(bytes);

  test.each([1, 2, 5, 32])('gives the eager result for %d items', async (n) => {
    const feeds: Feeds = { pixels: integers([n, 12, 10, 3], n, 0, 256) };
    const pixels = { ...feeds['pixels']!, dtype: 'uint8', data: Uint8Array.from(feeds['pixels']!.data) };
    const actual = await runSession(session, { pixels: pixels as unknown as Feeds[string] });
    expectClose(actual, await runEagerly('wasm', detector, feeds));
  });

  test('names its batch dimension N and takes bytes', () => {
    expect(session.inputMetadata).toMatchObject([{ name: 'pixels', type: 'uint8', shape: ['N', 12, 10, 3] }]);
    expect(session.outputMetadata.map((one) => one.isTensor && one.shape[0])).toEqual([
      'N',
      'N',
      'N',
      'N_times_2',
    ]);
  });

  test('gives its metadata back', () => {
    expect(readOnnxFacts(bytes).metadata).toEqual({ 'pentimento.passport': '{"tileSize":64}', other: 'ü' });
  });
});

test('a constant that changes with the batch is refused with the kernel and its line', async () => {
  const fn: TensorFunction = ({ x }) => ({ y: tf.mul(x!, tf.scalar(1 / x!.shape[0]!)) });
  await expect(compileToOnnx('test', fn, { x: floats([4, 2]) }, { dynamicBatch: true })).rejects.toThrow(
    /Multiply, called at .*dynamic-batch\.test\.ts:\d+.*a constant has other values/,
  );
});

test('a call that happens only for larger batches is refused', async () => {
  const fn: TensorFunction = ({ x }) => ({ y: x!.shape[0]! > 2 ? tf.neg(x!) : tf.abs(x!) });
  await expect(compileToOnnx('test', fn, { x: floats([4, 2]) }, { dynamicBatch: true })).rejects.toThrow(
    /Abs, called at .*differs: it is Neg at 3 items/,
  );
});

test('bytes that are no model are refused', () => {
  expect(() => readOnnxFacts(new TextEncoder().encode('<html>no</html>'))).toThrow(/not an ONNX model/);
  expect(() => readOnnxFacts(new Uint8Array())).toThrow(/not an ONNX model/);
});
