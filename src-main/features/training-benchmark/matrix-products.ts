/** The ceiling that rates are told against: products of two square matrices, as fast as a backend makes them. */
import * as tf from '@tensorflow/tfjs-core';
import type { ComputeBackend, HostTensor } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import { wallClock } from './timed-backend.ts';

/** Rows and columns of each matrix. */
const SIDE = 1024;
/** Products that follow each other in one run: the next number is tried while a run takes less than `LONG_ENOUGH` ms. */
const chains = [1, 8, 64, 512] as const;
/** So that what goes to the device and comes back, and starting the run, weigh little. */
const LONG_ENOUGH = 100;
const repeats = 5;

/** Uniform numbers of which a product neither grows nor shrinks the size: variance 1 / side. */
function squareMatrix(side: number, seed: string): HostTensor {
  const random = new Random(seed);
  const bound = Math.sqrt(3 / side);
  const data = Float32Array.from({ length: side * side }, () => random.uniform(-bound, bound));
  return { dtype: 'float32', shape: [side, side], data };
}

/** The fastest of some runs of `count` products, in milliseconds. */
async function fastestRun(backend: ComputeBackend, count: number, side: number): Promise<number> {
  const inputs = { a: squareMatrix(side, 'a'), b: squareMatrix(side, 'b') };
  const product = await backend.prepare(
    'matrix-products',
    ({ a, b }) => {
      let x = a as tf.Tensor2D;
      for (let i = 0; i < count; i++) x = tf.matMul(x, b as tf.Tensor2D);
      return { mean: tf.mean(x) }; // one number: nothing else needs to come back
    },
    inputs,
  );
  await product.run(inputs);
  let fastest = Infinity;
  for (let i = 0; i < repeats; i++) {
    const from = wallClock();
    await product.run(inputs);
    fastest = Math.min(fastest, wallClock() - from);
  }
  await product.dispose();
  return fastest;
}

/** GFLOP/s of float32 products of `side` x `side` matrices, two operations a multiply-add. */
export async function matrixProductRate(backend: ComputeBackend, side = SIDE): Promise<number> {
  let rate = 0;
  for (const count of chains) {
    const ms = await fastestRun(backend, count, side);
    rate = (2 * side ** 3 * count) / ms / 1e6;
    if (ms >= LONG_ENOUGH) break;
  }
  return rate;
}
