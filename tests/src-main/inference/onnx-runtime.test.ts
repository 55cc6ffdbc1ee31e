/** Nothing is reported to anybody: ONNX Runtime's telemetry keeps its files in the home folder, where none may appear. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTrainerHost } from '#compute/trainer-host.ts';
import { tinyStart, writeTrainingScenes } from '#tests/support/training-scenes.ts';
import { writeTinyDetector } from '#tests/support/tiny-detector.ts';
import { openDetector } from '#inference/detector-session.ts';

const resolved = (specifier: string) => fileURLToPath(import.meta.resolve(specifier));
let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'pentimento-home-'))));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** An empty home for this process and those that it starts; returns whether anything of the telemetry is in it. */
function emptyHome(name: string): () => boolean {
  const home = join(folder, name);
  mkdirSync(home);
  vi.stubEnv('HOME', home);
  vi.stubEnv('XDG_CACHE_HOME', undefined);
  vi.stubEnv('ORT_DISABLE_TELEMETRY', undefined);
  return () => existsSync(join(home, '.cache', 'Microsoft'));
}

test('judging in this process reports nothing', async () => {
  const reported = emptyHome('inference');
  const detector = await openDetector(await writeTinyDetector(join(folder, 'tiny.onnx')));
  await detector.dispose();
  expect(reported()).toBe(false);
});

test('a trainer on ONNX Runtime reports nothing, its export and validation included', async () => {
  const reported = emptyHome('trainer');
  const photographs = await writeTrainingScenes(folder, { train: 4, validation: 2 });
  const start = tinyStart(folder, photographs, { backend: 'ort', provider: 'cpu', stop: { steps: 2 } });
  const outcome = await createTrainerHost(resolved('#compute/trainer/entry.ts')).start(start).outcome;
  expect(outcome.kind, JSON.stringify(outcome)).toBe('done');
  expect(reported()).toBe(false);
}, 120_000);

test('the command line reports nothing', async () => {
  const reported = emptyHome('cli');
  await promisify(execFile)(process.execPath, [
    ...[resolved('#hosts/node/cli.ts'), 'doctor', '--data-dir', join(folder, 'workspace')],
  ]);
  expect(reported()).toBe(false);
});
