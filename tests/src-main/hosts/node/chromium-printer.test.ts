/** Reports as PDF, printed by a real Chromium where there is one. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { chromiumPrinter } from '#hosts/node/chromium-printer.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { chromium } from '#tests/support/chromium.ts';
import { samplePicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

afterEach(() => vi.unstubAllEnvs());
const page = (): string => write(temporaryFolder(), 'a.html', '<!doctype html><title>t</title><p>words</p>');
const signal = new AbortController().signal;

test('without a Chromium, printing says that there is none and what to do', async () => {
  vi.stubEnv('CHROMIUM', path.join(temporaryFolder(), 'nothing'));
  const error = await failureOf(chromiumPrinter.print(page(), { signal }));
  expect(error).toMatchObject({ code: 'chromium_missing', hint: expect.stringContaining('CHROMIUM') });
});

test('a program that prints nothing is told, with what it said', async () => {
  vi.stubEnv('CHROMIUM', process.execPath);
  const error = await failureOf(chromiumPrinter.print(page(), { signal }));
  expect(error.code).toBe('report_not_printed');
  expect(error.message).toContain('bad option: ');
});

test('a printing that was stopped says so', async () => {
  vi.stubEnv('CHROMIUM', process.execPath);
  const stopped = AbortSignal.abort();
  expect((await failureOf(chromiumPrinter.print(page(), { signal: stopped }))).code).toBe('cancelled');
});

test.skipIf(!chromium())('Chromium prints a page with its number at the foot', async () => {
  vi.stubEnv('CHROMIUM', chromium()!);
  const bytes = await chromiumPrinter.print(page(), { signal });
  expect(Buffer.from(bytes.subarray(0, 5)).toString('latin1')).toBe('%PDF-');
  expect(bytes.length).toBeGreaterThan(1000);
});

const cli = path.resolve(import.meta.dirname, '../../../../src-main/hosts/node/cli.ts');
async function run(...args: string[]) {
  const ended = promisify(execFile)(process.execPath, [cli, ...args, '--json']);
  const { stdout, code } = await ended.then(
    (done) => ({ ...done, code: 0 }),
    (failed: { stdout: string; code: number }) => failed,
  );
  return { status: code, answer: JSON.parse(stdout) as Record<string, unknown> };
}

test('the command line writes a report and checks it; a changed one fails the check', async () => {
  const folder = temporaryFolder();
  const data = ['--data-dir', path.join(folder, 'workspace')];
  const picture = write(folder, 'a.png', await samplePicture().png().toBuffer());
  await run('cases', '--create', 'Doe', ...data);
  await run('intake', picture, '--case', 'Doe', ...data);
  const out = path.join(folder, 'report.html');
  const written = await run('report', 'Doe', '--out', out, ...data);
  expect(written).toMatchObject({ status: 0, answer: { path: out, pictures: 1, format: 'html' } });
  const again = await run('report', 'Doe', '--out', out, ...data);
  expect(again).toMatchObject({ status: 2, answer: { error: { code: 'invalid_input' } } });
  const checked = await run('verify', out, ...data);
  expect(checked).toMatchObject({ status: 0, answer: { ok: true, sha256: written.answer['sha256'] } });
  const changed = write(folder, 'changed.html', readFileSync(out, 'utf8').replaceAll('intact', 'proven'));
  expect(await run('verify', changed)).toMatchObject({ status: 1, answer: { ok: false } });
  expect(await run('report', '--out', out, ...data)).toMatchObject({ status: 2 });
});
