/** The real trainer process on rendered scenes: what it says, what it leaves on the disk, and that a killed one goes on. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTrainerHost, type TrainerEvent } from '#compute/trainer-host.ts';
import type { TrainerPhotograph, TrainerStart } from '#contract/trainer-messages.ts';
import { decodeCheckpoint } from '#engine/training/checkpoint.ts';
import { openDetector } from '#inference/detector-session.ts';
import { runAndKill, supportProgram } from '#tests/support/start-program.ts';
import { tinyStart, writeTrainingScenes } from '#tests/support/training-scenes.ts';

const host = createTrainerHost(fileURLToPath(import.meta.resolve('#compute/trainer/entry.ts')));
let folder: string;
let photographs: TrainerPhotograph[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pentimento-test-'));
  photographs = await writeTrainingScenes(folder, { train: 4, validation: 3 });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const startMessage = (changes: Partial<TrainerStart> = {}): TrainerStart =>
  tinyStart(folder, photographs, { stop: { steps: 6 }, ...changes });

async function all(events: AsyncIterable<TrainerEvent>): Promise<TrainerEvent[]> {
  const collected: TrainerEvent[] = [];
  for await (const event of events) collected.push(event);
  return collected;
}

type Of<T extends TrainerEvent['type']> = Extract<TrainerEvent, { type: T }>;
const ofType = <T extends TrainerEvent['type']>(events: TrainerEvent[], type: T): Of<T>[] =>
  events.filter((event): event is Of<T> => event.type === type);

test('a run tells its curves, shows its samples, keeps checkpoints and ends with a validated model', async () => {
  const session = host.start(startMessage());
  const events = await all(session.events);
  const outcome = await session.outcome;
  expect(outcome.kind, JSON.stringify(outcome)).toBe('done');
  expect(ofType(events, 'ready')[0]!.backend).toEqual({
    name: 'wasm',
    provider: 'cpu',
    device: 'WebAssembly',
  });
  expect(ofType(events, 'metric').map(({ metric }) => metric.step)).toEqual([2, 4, 6]);
  expect(ofType(events, 'checkpoint').map(({ step }) => step)).toEqual([2, 4, 6]);
  const shown = ofType(events, 'samples').at(-1)!.samples[0]!;
  for (const path of [shown.blended, shown.styled!, shown.fusedMask.path, ...shown.maps.map((m) => m.path)]) {
    const { channels } = await sharp(path).stats();
    expect(Math.max(...channels.map((c) => c.stdev)), path).toBeGreaterThan(0);
  }
  if (outcome.kind !== 'done') return;
  const detector = await openDetector(outcome.message.model.path);
  expect(detector.passport).toEqual(outcome.message.model.passport);
  expect(detector.passport).toMatchObject({
    rendered: true,
    seed: 4,
    detectorSteps: 6,
    programVersion: '1.2.3',
  });
  // three photographs, in three tiers of compression, each forged in six ways
  expect(detector.passport.validation).toMatchObject({ realCount: 9, simulatedCount: 54 });
  expect(detector.passport.limits.join(' ')).toContain('says nothing about photographs');
  await detector.dispose();
}, 180_000);

test('a process killed after a checkpoint goes on from it and ends where it would have ended', async () => {
  const whole = startMessage({ stop: { steps: 4 } });
  await host.start(whole).outcome;

  const first = startMessage({ stop: { steps: 4 } });
  const session = host.start(first);
  let checkpoint: string | null = null;
  for await (const event of session.events) {
    if (event.type === 'checkpoint' && checkpoint === null) {
      checkpoint = event.path;
      void session.kill();
    }
  }
  expect((await session.outcome).kind).toBe('crashed');
  const resumed = await host.start({ ...first, resumeFrom: checkpoint }).outcome;
  expect(resumed.kind, JSON.stringify(resumed)).toBe('done');

  const name = 'checkpoints/step-0000004.safetensors';
  const [a, b] = [whole, first].map(({ directory }) => decodeCheckpoint(readFileSync(join(directory, name))));
  expect(b!.vectors).toEqual(a!.vectors);
}, 240_000);

test('a trainer whose program is killed ends, in the middle of its run', async () => {
  const file = join(folder, 'start.json');
  writeFileSync(file, JSON.stringify(startMessage({ stop: { minutes: 60 } })));
  const [pid] = await runAndKill([supportProgram('train-until-killed'), file], { lines: 1 });
  const lives = (): boolean => {
    try {
      // One that nobody has buried yet is dead as well.
      const state = process.platform === 'linux' ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
      return !/\) Z /.test(state) && process.kill(Number(pid), 0);
    } catch {
      return false;
    }
  };
  expect(Number(pid)).toBeGreaterThan(0);
  try {
    await expect.poll(lives, { timeout: 20_000 }).toBe(false);
  } finally {
    if (lives()) process.kill(Number(pid), 'SIGKILL');
  }
}, 60_000);

test('asked to stop, it writes a checkpoint and says where it stopped', async () => {
  const session = host.start(startMessage({ stop: { minutes: 60 } }));
  const events: TrainerEvent[] = [];
  for await (const event of session.events) {
    events.push(event);
    if (event.type === 'metric') void session.stop();
  }
  const outcome = await session.outcome;
  expect(outcome.kind).toBe('stopped');
  expect(ofType(events, 'checkpoint').at(-1)!.step).toBe(outcome.kind === 'stopped' ? outcome.step : -1);
}, 120_000);

test.each([
  ['an unknown field', { overrides: { kernel: 3 } }, 'invalid_input', /no field "kernel"/],
  ['a backend that is absent', { backend: 'cuda' as const }, 'backend_unavailable', /CUDA/],
  ['too few photographs', { photographs: [] }, 'dataset_too_small', /at least 2 real photographs/],
])('%s fails with its own error', async (_, changes, code, message) => {
  const outcome = await host.start(startMessage(changes)).outcome;
  expect(outcome).toMatchObject({
    kind: 'failed',
    error: { code, message: expect.stringMatching(message) as string },
  });
});

test('a checkpoint cut in half is called damaged', async () => {
  const path = join(folder, 'half.safetensors');
  writeFileSync(path, Buffer.alloc(1000, 1));
  const outcome = await host.start(startMessage({ resumeFrom: path })).outcome;
  expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'checkpoint_damaged' } });
});
