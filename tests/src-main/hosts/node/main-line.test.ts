/** The main line through the command line, as a person runs it: the demonstration whole, and a run that is killed and goes on. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderScenes } from '#features/samples/scene-renderer.ts';
import { startProgram } from '#tests/support/start-program.ts';

const cli = resolve(import.meta.dirname, '../../../../src-main/hosts/node/cli.ts');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-line-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Running {
  process: ChildProcess;
  stdout: () => string;
  ended: Promise<number | null>;
}
function start(...args: string[]): Running {
  const child = startProgram([cli, ...args, '--json']);
  let stdout = '';
  child.stdout.on('data', (text: Buffer) => (stdout += String(text)));
  const ended = once(child, 'close').then(([status]) => status as number | null);
  return { process: child, stdout: () => stdout, ended };
}
const lines = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('the demonstration trains, exports, judges forgeries, and writes maps that are not blank', async () => {
  const workspace = join(folder, 'demo');
  const demo = start('demo', '--scenes', '40', '--minutes', '0.05', '--seed', '3', '--data-dir', workspace);
  expect(await demo.ended).toBe(0);
  const result = JSON.parse(demo.stdout()) as {
    detector_steps: number;
    rendered: boolean;
    operations: { name: string; auc_lossless: number; auc_q90: number; count: number }[];
    mean_auc_lossless: number;
    maps: string[];
    calibration: { held_out: { tier: string; verdicts: { real: Record<string, number> } }[] };
    validation_page: string;
  };
  expect(result.detector_steps).toBeGreaterThan(0);
  expect(result.rendered).toBe(true);
  expect(result.operations.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['hard-splice', 'copy-move', 'inpaint-fill', 'local-blur', 'local-resample']),
  );
  for (const { name, auc_lossless: lossless, auc_q90: resaved, count } of result.operations) {
    expect(count, name).toBe(200);
    for (const auc of [lossless, resaved]) expect(auc >= 0 && auc <= 1, `${name} ${auc}`).toBe(true);
  }
  const five = result.operations.filter(({ name }) => name !== 'local-median');
  const mean = five.reduce((sum, { auc_lossless: auc }) => sum + auc, 0) / five.length;
  expect(result.mean_auc_lossless).toBeCloseTo(mean, 9);
  expect(result.maps.length).toBeGreaterThan(0);
  for (const path of result.maps) {
    const { channels } = await sharp(path).stats();
    expect(channels[0]!.stdev, path).toBeGreaterThan(0);
  }
  // Forty scenes leave too few for a calibration: nothing is claimed, and the page says so.
  const page = await readFile(result.validation_page, 'utf8');
  expect(page).toContain('The model is not calibrated. Every verdict is inconclusive.');
  expect(page).toContain('## What it cannot judge');
  expect(result.calibration.held_out.map(({ tier }) => tier)).toEqual([
    'lossless',
    'jpeg_high',
    'jpeg_medium',
  ]);
  for (const { verdicts } of result.calibration.held_out)
    expect(verdicts.real).toMatchObject({ real: 0, simulated: 0 });
}, 600_000);

test('a program killed while it trains leaves an interrupted run, which a resumption finishes', async () => {
  const workspace = ['--data-dir', join(folder, 'killed')];
  const pictures = join(folder, 'pictures');
  await mkdir(pictures);
  for await (const { name, bytes } of renderScenes({ count: 24, seed: 5, width: 128, height: 96 })) {
    await writeFile(join(pictures, name), bytes);
  }
  expect(await start('import', pictures, '--dataset', 'few', '--label', 'real', ...workspace).ended).toBe(0);
  const config = join(folder, 'config.json');
  const small = { realPerBatch: 2, stylePerBatch: 1, blendsPerBatch: 2, statisticsCrops: 16 };
  await writeFile(config, JSON.stringify({ ...small, checkpointEvery: 2, metricEvery: 2 }));

  const options = ['--dataset', 'few', '--config', config, '--steps', '40', '--backend', 'wasm'];
  const first = start('train', ...options, ...workspace);
  while (!first.stdout().includes('"event":"checkpoint"')) await once(first.process.stdout!, 'data');
  first.process.kill('SIGKILL');
  await first.ended;

  const shown = start('runs', ...workspace);
  expect(await shown.ended).toBe(0);
  const [run] = lines(shown.stdout()).flatMap(
    (line) => (line['runs'] ?? line) as { id: string; state: string },
  );
  expect(run!.state).toBe('interrupted');

  const resumed = start('train', '--resume', run!.id, ...workspace);
  expect(await resumed.ended, resumed.stdout()).toBe(0);
  const events = lines(resumed.stdout());
  expect(events.at(-1)).toMatchObject({ event: 'done', run: run!.id });
  const firstStep = events.find(({ event }) => event === 'progress')!['step'] as number;
  expect(firstStep, 'it goes on from its checkpoint, not from the beginning').toBeGreaterThan(2);
}, 600_000);
