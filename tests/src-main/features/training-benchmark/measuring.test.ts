/** The parts that time and count, against clocks and backends that the test sets. */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import type { ComputeBackend, HostTensor } from '#engine/ports.ts';
import { counting } from '#features/training-benchmark/counting-backend.ts';
import { matrixProductRate } from '#features/training-benchmark/matrix-products.ts';
import { median, repeat } from '#features/training-benchmark/repeat.ts';
import { timed } from '#features/training-benchmark/timed-backend.ts';

const square: HostTensor = { dtype: 'float32', shape: [3, 3], data: new Float32Array(9) };
const product = ({ x }: Record<string, tf.Tensor>) => ({ x: tf.matMul(x!, x!), whole: tf.argMax(x!) });

/** A backend of which preparing takes 1000 ms and each run as many as its function's name says. */
function slowBackend(): { backend: ComputeBackend; clock: () => number } {
  let now = 0;
  const backend: ComputeBackend = {
    name: 'slow',
    provider: 'none',
    device: 'none',
    prepare: (name) => {
      now += 1000;
      const run = () => Promise.resolve(((now += Number(name)), { y: square }));
      return Promise.resolve({ run, dispose: () => Promise.resolve() });
    },
    dispose: () => Promise.resolve(),
  };
  return { backend, clock: () => now };
}

test('a timed backend adds up the runs of each function by its name, without preparing it, and begins anew when asked', async () => {
  const { backend, clock } = slowBackend();
  const clocked = timed(backend, clock);
  const five = await clocked.backend.prepare('5', product, {});
  const seven = await clocked.backend.prepare('7', product, {});
  expect(await five.run({})).toEqual({ y: square });
  await seven.run({});
  await five.run({});
  expect(clocked.take()).toEqual({ '5': 10, '7': 7 });
  await seven.run({});
  expect(clocked.take()).toEqual({ '7': 7 });
});

test('a counting backend counts each run and answers zeros of the right shapes and types', async () => {
  const { backend, take } = counting();
  const prepared = await backend.prepare('product', product, { x: square });
  expect(take()).toEqual({ matrix: 0, other: 0 });
  const outputs = await prepared.run({ x: square });
  await prepared.run({ x: square });
  expect(outputs).toEqual({
    x: { dtype: 'float32', shape: [3, 3], data: new Float32Array(9) },
    whole: { dtype: 'int32', shape: [3], data: new Int32Array(3) },
  });
  expect(take()).toEqual({ matrix: 2 * (2 * 9 * 3), other: 2 * 9 });
  expect(take().matrix).toBe(0);
});

test('the ceiling multiplies whole chains of matrices, longer ones while a run is short', async () => {
  const { backend, take } = counting(); // whose runs take no time at all
  await matrixProductRate(backend, 8);
  const runs = 6; // one that is thrown away
  expect(take().matrix).toBe(runs * (1 + 8 + 64 + 512) * 2 * 8 ** 3);
});

describe('repeated rounds', () => {
  /** Rounds that take as long as named, in ms, one after the other; the last again and again. */
  async function measured(seconds: number, ...lengths: number[]): Promise<number[]> {
    let now = 0;
    let count = 0;
    const round = () => {
      const length = lengths[Math.min(count++, lengths.length - 1)]!;
      now += length;
      return Promise.resolve(length);
    };
    return repeat(round, seconds, () => now);
  }

  test('the first two are thrown away', async () => {
    expect(await measured(0.3, 900, 800, 100)).toEqual([100, 100, 100]);
  });

  test('go on until the time is up', async () => {
    expect(await measured(1, 100)).toHaveLength(10);
  });

  test('are three at the least, however long they take', async () => {
    expect(await measured(1, 5000)).toEqual([5000, 5000, 5000]);
  });

  test('a median is the middle, or the mean of the two in the middle', () => {
    expect([median([9, 1, 3]), median([4, 10, 1, 2]), median([7])]).toEqual([3, 3, 7]);
  });
});

test.runIf(process.platform === 'linux')(
  'a process does not inherit the peak of memory of its parent',
  () => {
    const module = resolve(import.meta.dirname, '../../../../src-main/compute/peak-memory.ts');
    const child = `import('${module}').then(({ peakMegabytes }) => console.log(peakMegabytes()))`;
    const parent = `const held = Buffer.alloc(300 * 2 ** 20, 1);
    const { stdout } = require('child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(child)}]);
    import('${module}').then(({ peakMegabytes }) => console.log(JSON.stringify([peakMegabytes(), Number(stdout), held.length])));`;
    const { stdout } = spawnSync(process.execPath, ['-e', parent], {
      encoding: 'utf8',
      cwd: join(module, '..'),
    });
    const [ofParent, ofChild] = JSON.parse(stdout) as [number, number];
    expect(ofParent).toBeGreaterThan(300);
    expect(ofChild).toBeGreaterThan(10);
    expect(ofChild).toBeLessThan(300);
  },
);
