/** What `bench training` chooses to measure, and how it says what it found. */
import { describe, expect, test } from 'vitest';
import type { BenchmarkReport, CaseReport } from '#features/training-benchmark/benchmark-report.ts';
import { trainingBenchmarkText } from '#hosts/node/cli/training-benchmark-table.ts';
import { targetsOf } from '#hosts/node/cli/verbs/bench-training.ts';

const status = (name: string, provider: string, more: object = {}) => ({
  ...{ name, provider, ready: true, device: 'a device', reason: '' },
  ...more,
});
const absent = (name: string, provider: string, reason: string) =>
  status(name, provider, { ready: false, reason });
const machine = [
  status('ort', 'cpu'),
  status('ort', 'webgpu'),
  absent('ort', 'cuda', 'its libraries are not there'),
  absent('cuda', 'cuda', 'it is not installed'),
  status('wasm', 'cpu'),
];
const chosen = (options: object, statuses = machine): string[] =>
  targetsOf(statuses, { seconds: 5, ...options }).map(({ backend, provider }) => `${backend}/${provider}`);

describe('what is measured', () => {
  test('is every backend that is ready, where none is named', () => {
    expect(chosen({})).toEqual(['ort/cpu', 'ort/webgpu', 'wasm/cpu']);
  });

  test('is the backend or the provider that is named; a provider alone is ONNX Runtime’s', () => {
    expect(chosen({ backend: 'ort' })).toEqual(['ort/cpu', 'ort/webgpu']);
    expect(chosen({ backend: 'wasm' })).toEqual(['wasm/cpu']);
    expect(chosen({ provider: 'cpu' })).toEqual(['ort/cpu']);
    expect(chosen({ backend: 'wasm', provider: 'cpu' })).toEqual(['wasm/cpu']);
  });

  test('leaves out a GPU that is only software, unless it is named', () => {
    const software = [machine[0]!, status('ort', 'webgpu', { software: 'SwiftShader' }), machine[4]!];
    expect(chosen({}, software)).toEqual(['ort/cpu', 'wasm/cpu']);
    expect(chosen({ provider: 'webgpu' }, software)).toEqual(['ort/webgpu']);
  });

  test('with a number of threads, is ONNX Runtime alone, which can be held to it', () => {
    expect(targetsOf(machine, { seconds: 5, threads: 3, provider: 'cpu' })).toEqual([
      { backend: 'ort', provider: 'cpu', threads: 3 },
    ]);
    expect(chosen({ threads: 3 })).toEqual(['ort/cpu', 'ort/webgpu']);
  });

  test.each([
    [{ provider: 'cuda' }, /ort on cuda: its libraries are not there/],
    [{ backend: 'cuda' }, /cuda on cuda: it is not installed/],
    [{ backend: 'wasm', provider: 'webgpu' }, /no backend of that name with that provider/],
    [{ backend: 'wasm', threads: 2 }, /that many threads/],
  ])('%j cannot be measured here, and the reason is told', (options, message) => {
    expect(() => chosen(options)).toThrow(message);
    expect(() => chosen(options)).toThrow(expect.objectContaining({ code: 'backend_unavailable' }));
  });
});

const measured: CaseReport = {
  ...{ name: 'recipe', backend: 'ort', provider: 'cpu', batch: 32, crop: 64, k: 4 },
  ms_per_iteration: 200,
  gflop_per_iteration: 14.12,
  other_gflop_per_iteration: 0.5,
  gflops: 70.6,
  share_of_matmul: 0.706,
  ms: { data: 20, generator: 60, detector: 110 },
  peak_mb: 512,
  iterations: 7,
};
const failed: CaseReport = {
  ...measured,
  ...{ name: 'conv8', k: null, ms_per_iteration: null, gflops: null, share_of_matmul: null, ms: null },
  ...{ gflop_per_iteration: null, peak_mb: null, iterations: 0 },
};
const report: BenchmarkReport = {
  machine: { cpu: 'A Processor', cores: 2, platform: 'linux-x64' },
  matmul_gflops: { ort: 100, wasm: null },
  ceilings: [{ backend: 'ort', provider: 'cpu', device: 'A Processor', matmul_gflops: 100 }],
  cases: [measured, failed],
  speedup: [{ case: 'recipe', provider: 'cpu', ms: { ort: 200, wasm: 1000 }, ratio: 5, iterations: 9 }],
  failed: [
    { what: 'conv8, ort on cpu', error: { code: 'trainer_crashed', message: 'SIGKILL', hint: 'Memory.' } },
  ],
  stopped: true,
};

describe('what a person reads', () => {
  const text = trainingBenchmarkText(report);
  const columns = (begin: string) =>
    text
      .split('\n')
      .find((line) => line.startsWith(begin))!
      .split(/ {2,}/);

  test('is each case with its time, where it goes, the rest that is neither, its work, rate and share', () => {
    expect(Object.fromEntries(columns('case').map((name, i) => [name, columns('recipe  ')[i]]))).toEqual({
      ...{
        case: 'recipe',
        backend: 'ort/cpu',
        batch: '32',
        crop: '64',
        k: '4',
        ms: '200.0',
        'a second': '5.00',
      },
      ...{
        data: '20.0',
        generator: '60.0',
        detector: '110.0',
        rest: '10.0',
        GFLOP: '14.12',
        'GFLOP/s': '70.6',
      },
      ...{ 'of products': '70.6 %', 'peak MB': '512', measured: '7' },
    });
  });

  test('is a dash where there is no figure, and the reason below', () => {
    expect(
      columns('conv8  ')
        .slice(4, -1)
        .every((cell) => cell === '-'),
    ).toBe(true);
    expect(text).toContain('conv8, ort on cpu failed: trainer_crashed: SIGKILL\nMemory.');
  });

  test('is the ceiling, the comparison, and that it was stopped', () => {
    expect(text).toMatch(/^ort\/cpu +100\.0 +A Processor$/m);
    expect(text).toContain('ort/cpu 200.0 ms, wasm 1000.0 ms: 5.00 times as fast');
    expect(text).toContain('It was stopped before all was measured.');
  });
});
