/**
 * Measures the yardstick step on ONNX Runtime: `node tests/src-main/compiler/measure-training-step.ts [threads] [--ops]`.
 * Not a test: times depend on the machine and on what else it does. Processor time with one thread depends on it least.
 */
import { readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import '@tensorflow/tfjs';
import { compileToOnnx } from '#compiler/compile.ts';
import { loadOnnxRuntime } from '#inference/onnx-runtime.ts';
import { conv8Inputs, conv8Shape, conv8Step } from '#features/training-benchmark/conv8-step.ts';

const ort = await loadOnnxRuntime();
const threads = Number(process.argv[2] ?? 2);
const profile = process.argv.includes('--ops');
const repeats = 12;

const inputs = conv8Inputs(conv8Shape);
const started = performance.now();
const bytes = await compileToOnnx('step', conv8Step(conv8Shape), inputs, { outputPrefix: 'out:' });
const compiled = performance.now();
const prefix = path.join(os.tmpdir(), `pentimento-step-${process.pid}`);
const session = await ort.InferenceSession.create(bytes, {
  intraOpNumThreads: threads,
  extra: { session: { intra_op: { allow_spinning: '0' } } },
  ...(profile ? { enableProfiling: true, profileFilePrefix: prefix } : {}),
});
const opened = performance.now();
const feeds = Object.fromEntries(
  Object.entries(inputs).map(([name, { dtype, data, shape }]) => [name, new ort.Tensor(dtype, data, shape)]),
);
let loss = Number.NaN;
const times: number[] = [];
const work: number[] = [];
for (let i = 0; i < repeats; i++) {
  const [start, before] = [performance.now(), process.cpuUsage()];
  const results = await session.run(feeds);
  times.push(performance.now() - start);
  const used = process.cpuUsage(before);
  work.push((used.user + used.system) / 1000);
  loss = results['out:loss']!.data[0] as number;
}
times.sort((a, b) => a - b);
work.sort((a, b) => a - b);
console.log(
  `trace and compile ${(compiled - started).toFixed(0)} ms, ${bytes.length} bytes, open ${(opened - compiled).toFixed(0)} ms`,
);
console.log(
  `step: best ${times[0]!.toFixed(1)} ms, median ${times[repeats >> 1]!.toFixed(1)} ms; processor time ${work[0]!.toFixed(1)} ms; loss ${loss}`,
);

if (profile) {
  session.endProfiling();
  const file = (await import('node:fs'))
    .readdirSync(os.tmpdir())
    .find((name) => name.startsWith(path.basename(prefix)))!;
  type Event = { cat: string; dur: number; name: string; args: { op_name?: string } };
  const events = JSON.parse(readFileSync(path.join(os.tmpdir(), file), 'utf8')) as Event[];
  rmSync(path.join(os.tmpdir(), file));
  const sums = new Map<string, [number, number]>();
  for (const { cat, dur, name, args } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    const key = `${args.op_name} < ${name.split('_')[0]?.split('/')[0] ?? ''}`;
    const [total, count] = sums.get(key) ?? [0, 0];
    sums.set(key, [total + dur, count + 1]);
  }
  const rows = [...sums].sort(([, a], [, b]) => b[0] - a[0]).slice(0, 40);
  for (const [key, [total, count]] of rows)
    console.log(
      `${(total / repeats / 1000).toFixed(2).padStart(8)} ms  ${(count / repeats).toFixed(0).padStart(4)} x  ${key}`,
    );
}
process.exit(0); // the WASM backend keeps worker threads
