/** Which provider a model judges on: measured, compared with the processor, remembered, and given up where it fails. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { judgingChoicesHere, openFastest, TOLERANCE } from '#compute/judging/choose-provider.ts';
import { createJudgeHost } from '#compute/judging/judge-host.ts';
import { openDetector, type Detector, type TileOutputs } from '#inference/detector-session.ts';
import { judgingChoice } from '#contract/system.ts';
import { samplePicture, write } from '#tests/support/sample-files.ts';
import { softwareGpuEnvironment } from '#tests/support/software-gpu.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { writeTinyDetector } from '#tests/support/tiny-detector.ts';
import type { WebgpuDetectorReport } from '#tests/support/webgpu-detector.ts';

interface Stand {
  /** What the provider adds to every logit. */
  error?: number;
  /** Opening it fails. */
  closed?: boolean;
  /** Runs before it fails; never where absent. */
  runs?: number;
}

/** A workspace's file and a model, on a machine with stand-ins for GPUs that answer at once. */
async function machine(gpus: Record<string, Stand>) {
  const folder = temporaryFolder();
  const file = await writeTinyDetector(path.join(folder, 'tiny.onnx'));
  const memory = path.join(folder, 'judging.json');
  const opened: string[] = [];
  /** What a batch gave on the processor: a GPU that computes it again has nothing to do. */
  const answers = new Map<string, TileOutputs>();
  async function open(provider: string): Promise<Detector> {
    opened.push(provider);
    const cpu = await openDetector(file);
    onTestFinished(() => cpu.dispose().catch(() => undefined));
    const key = (pixels: Uint8Array) => Buffer.from(pixels).toString('base64');
    const of = gpus[provider];
    if (provider === 'cpu')
      return Object.assign(Object.create(cpu) as Detector, {
        run: async (pixels: Uint8Array, count: number) => {
          const out = await cpu.run(pixels, count);
          answers.set(key(pixels), out);
          return out;
        },
        dispose: async () => undefined,
        runtimeMs: 0,
        provider,
        passport: cpu.passport,
      });
    if (!of || of.closed) throw new Error('the driver said no');
    let left = of.runs ?? Infinity;
    return {
      ...{ passport: cpu.passport, provider, runtimeMs: 0, dispose: async () => undefined },
      run: async (pixels, count) => {
        if (left-- <= 0) throw new Error('the device was lost');
        const out = answers.get(key(pixels)) ?? (await cpu.run(pixels, count));
        return { ...out, logit: out.logit.map((value) => value + (of.error ?? 0)) };
      },
    };
  }
  const statuses = async () => [
    { provider: 'cpu', ready: true, reason: '' },
    ...Object.keys(gpus).map((provider) => ({ provider, ready: true, reason: '' })),
    { provider: 'coreml', ready: false, reason: 'CoreML is part of macOS only' },
    { provider: 'software', ready: true, reason: '', software: 'SwiftShader' },
  ];
  const openAgain = () => openFastest(file, { name: 'tiny', memory }, { statuses, open });
  return { openAgain, opened, memory, choice: async () => (await judgingChoicesHere(memory))[0]! };
}
const pixels = new Uint8Array(64 * 64 * 3).fill(100);

test('the fastest that agrees is taken, and remembered for this model on this machine', async () => {
  const { openAgain, opened, choice, memory } = await machine({ webgpu: {} });
  expect((await openAgain()).provider).toBe('webgpu');
  const { chosen, trials } = judgingChoice.parse(await choice());
  expect(chosen).toBe('webgpu');
  expect(trials.find(({ provider }) => provider === 'webgpu')).toMatchObject({ difference: 0, problem: '' });
  const before = readFileSync(memory, 'utf8');
  opened.length = 0;
  expect((await openAgain()).provider).toBe('webgpu');
  expect(opened).toEqual(['cpu', 'webgpu']);
  expect(readFileSync(memory, 'utf8')).toBe(before);
});

test('one that disagrees, fails or is absent is left out with the reason, and the processor judges', async () => {
  const { openAgain, choice } = await machine({ webgpu: { error: 10 * TOLERANCE }, cuda: { closed: true } });
  const detector = await openAgain();
  expect(detector.provider).toBe('cpu');
  const { chosen, trials } = await choice();
  expect(chosen).toBe('cpu');
  const problem = (of: string) => trials.find(({ provider }) => provider === of)!.problem;
  expect(problem('webgpu')).toMatch(/differs from the processor by .* at most 0.001/);
  expect(problem('cuda')).toContain('left out');
  expect(problem('coreml')).toContain('macOS only');
  expect(problem('software')).toContain('SwiftShader');
});

test('one that fails in the middle of the work gives way to the processor, with the same answers', async () => {
  // The trial takes one run for the comparison and three for the clock.
  const { openAgain } = await machine({ webgpu: { runs: 5 } });
  const detector = await openAgain();
  const first = await detector.run(pixels, 1);
  expect(detector.provider).toBe('webgpu');
  expect(await detector.run(pixels, 1)).toEqual(first);
  expect(detector.provider).toBe('cpu');
});

test('one that was remembered and cannot be opened any more is measured anew', async () => {
  const gpus: Record<string, Stand> = { webgpu: {} };
  const { openAgain, choice } = await machine(gpus);
  await openAgain();
  gpus['webgpu'] = { closed: true };
  expect((await openAgain()).provider).toBe('cpu');
  expect((await choice()).chosen).toBe('cpu');
});

test('a process that judges tries the providers of this machine, and names its own with every picture', async () => {
  const folder = temporaryFolder();
  const model = { path: await writeTinyDetector(path.join(folder, 'tiny.onnx')), name: 'tiny' };
  const providers = path.join(folder, 'judging.json');
  const judge = await createJudgeHost({ providers }).open(model);
  onTestFinished(() => judge.close());
  const [choice] = await judgingChoicesHere(providers);
  expect(judge.provider).toBe(choice!.chosen);
  for (const { milliseconds, problem } of choice!.trials) expect(milliseconds === null).toBe(problem !== '');
  const file = write(folder, 'a.png', await samplePicture(200, 130).png().toBuffer());
  const judged = await judge.judge({ file, name: 'a.png', depth: 'score' });
  expect(judged.provider).toBe(choice!.chosen);
});

function webgpu(): WebgpuDetectorReport {
  const program = new URL('../../../support/webgpu-detector.ts', import.meta.url).pathname;
  const env = { ...process.env, ...softwareGpuEnvironment() };
  return JSON.parse(
    execFileSync(process.execPath, [program], { env, encoding: 'utf8', timeout: 120_000 }),
  ) as WebgpuDetectorReport;
}

test('an exported detector agrees on WebGPU with the processor within the stated tolerance', (context) => {
  const { absent, difference, provider } = webgpu();
  if (absent !== undefined) return context.skip(`no WebGPU: ${absent}`);
  expect(provider).toBe('webgpu');
  expect(difference).toBeLessThanOrEqual(TOLERANCE);
});
