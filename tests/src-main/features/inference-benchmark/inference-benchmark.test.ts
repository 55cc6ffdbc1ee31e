import { expect, test } from 'vitest';
import {
  benchmarkInference,
  type InferenceBenchmark,
} from '#features/inference-benchmark/inference-benchmark.ts';
import { failureOf } from '#tests/support/app-error.ts';

const small = (over: Partial<InferenceBenchmark> = {}): InferenceBenchmark => ({
  ...{ photographs: 3, many: 20, sizes: [[192, 128]], report: () => undefined },
  signal: new AbortController().signal,
  ...over,
});

test('real triage runs are measured: every picture, the time inside ONNX Runtime, counted work, and memory', async () => {
  const said: string[] = [];
  const { cases, matmul_gflops, gflop_per_tile } = await benchmarkInference(
    small({ report: (text) => said.push(text) }),
  );
  expect(said).toEqual(['matrix products', '3 pictures of 192 x 128', '20 pictures of 192 x 128']);
  expect(matmul_gflops).toBeGreaterThan(0);
  // 25 million multiply-adds of the network, its spectra, and the logits without each branch.
  expect(gflop_per_tile).toBeGreaterThan(0.04);
  expect(gflop_per_tile).toBeLessThan(0.1);
  expect(cases.map(({ photographs }) => photographs)).toEqual([3, 20]);
  for (const found of cases) {
    expect(found.provider).toBe('cpu');
    expect(found.share_in_runtime).toBeGreaterThan(0);
    expect(found.share_in_runtime).toBeLessThanOrEqual(1);
    // Six tiles a picture.
    expect(found.tiles_per_second).toBeCloseTo((6 * found.photographs_per_minute) / 60, 6);
    expect(found.gflops).toBeCloseTo(found.tiles_per_second * gflop_per_tile, 6);
    expect(found.share_of_matmul).toBeCloseTo(found.gflops / matmul_gflops, 6);
  }
});

test('a benchmark that is stopped ends as cancelled', async () => {
  const controller = new AbortController();
  const stopped = benchmarkInference(
    small({
      signal: controller.signal,
      report: (text) => void (/pictures/.test(text) && controller.abort()),
    }),
  );
  expect((await failureOf(stopped)).code).toBe('cancelled');
});
