/** The count that the check ends with is the real one. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const script = resolve(import.meta.dirname, '../../build/count-tests.mjs');
let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'pentimento-count-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type File = { status: string; assertionResults: { status: string }[] };
function count(files: File[] | null): { line: string; status: number | null } {
  const path = join(folder, 'report.json');
  rmSync(path, { force: true });
  if (files) writeFileSync(path, JSON.stringify({ testResults: files }));
  const { stdout, status } = spawnSync(process.execPath, [script, path], { encoding: 'utf8' });
  return { line: stdout, status };
}
const file = (...states: string[]): File => ({
  status: states.includes('failed') ? 'failed' : 'passed',
  assertionResults: states.map((status) => ({ status })),
});

test('passed, failed and skipped tests are told apart', () => {
  expect(count([file('passed', 'skipped', 'todo'), file('passed', 'pending')])).toEqual({
    line: '2 passed, 0 failed, 3 skipped\n',
    status: 0,
  });
  expect(count([file('passed', 'failed')])).toEqual({ line: '1 passed, 1 failed, 0 skipped\n', status: 1 });
});

test('a file that could not be loaded is a failure', () => {
  expect(count([file('passed'), { status: 'failed', assertionResults: [] }])).toEqual({
    line: '1 passed, 1 failed, 0 skipped\n',
    status: 1,
  });
});

test('a file that failed outside its tests is a failure', () => {
  const file = { status: 'failed', assertionResults: [{ status: 'passed' }] };
  expect(count([file]).line).toBe('1 passed, 1 failed, 0 skipped\n');
});

test('no report, or nothing run, is no success', () => {
  expect(count(null)).toEqual({ line: '0 passed, 0 failed, 0 skipped\n', status: 1 });
  expect(count([file('skipped')]).status).toBe(1);
});
