/** The analysis process: it answers, and whatever ends it is an answer too. */
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AnalysisProcess, type AnalysisLimits } from '#compute/analysis/analysis-process.ts';
import { forkChild, type SpawnChild } from '#compute/child-process.ts';
import { samplePicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

function open(options: { limits?: Partial<AnalysisLimits>; spawn?: SpawnChild } = {}): AnalysisProcess {
  const process = new AnalysisProcess(options);
  onTestFinished(() => process.close());
  return process;
}
async function request(analysis = 'error-level') {
  const file = write(temporaryFolder(), 'a.png', await samplePicture().png().toBuffer());
  return { file, path: 'a.png', analysis, parameters: {} };
}

test('an analysis is answered with its findings and maps, and the process stays for the next', async () => {
  const process = open();
  const asked = await request();
  const first = await process.analyse(asked);
  expect(first).toMatchObject({ state: 'ran', reason: null, maps: [{ name: 'error-level', bits: 16 }] });
  const second = await process.analyse(asked);
  expect(Buffer.from(second.maps[0]!.png)).toEqual(Buffer.from(first.maps[0]!.png));
  expect(second.findings).toEqual(first.findings);
});

test('an unknown analysis, a bad parameter and a file that is gone are failures with their reasons', async () => {
  const process = open();
  const asked = await request();
  expect(await process.analyse({ ...asked, analysis: 'none' })).toMatchObject({ state: 'failed' });
  const bad = await process.analyse({ ...asked, parameters: { quality: 0 } });
  expect(bad).toMatchObject({ state: 'failed', reason: expect.stringContaining('error-level.quality') });
  const gone = await process.analyse({ ...asked, file: `${asked.file}.none` });
  expect(gone).toMatchObject({ state: 'failed', reason: expect.stringContaining('none') });
});

test('a picture whose pixels cannot be read is not run, with the reason', async () => {
  const file = write(temporaryFolder(), 'a.txt', 'Dear diary');
  const outcome = await open().analyse({ file, path: 'a.txt', analysis: 'error-level', parameters: {} });
  expect(outcome).toMatchObject({
    state: 'not-run',
    reason: expect.stringContaining('a.txt is not a picture'),
  });
});

test('past its memory the process is ended, that analysis has failed, and the reason says so', async () => {
  const process = open({ limits: { memoryBytes: 2 ** 20 } });
  const outcome = await process.analyse(await request());
  expect(outcome).toMatchObject({ state: 'failed', reason: expect.stringContaining('of memory') });
});

test('past its time the process is ended, and the reason says so', async () => {
  const process = open({ limits: { timeoutMs: 1 } });
  const outcome = await process.analyse(await request());
  expect(outcome).toMatchObject({ state: 'failed', reason: expect.stringContaining('seconds') });
});

test('a fault that ends the process fails one analysis, and the next gets a new process', async () => {
  const crashing = path.resolve(import.meta.dirname, '../../../support/crashing-analysis.ts');
  let started = 0;
  const process = open({ spawn: (entry) => forkChild(started++ === 0 ? crashing : entry) });
  const asked = await request();
  const fault = 'exit code 1: TypeError: this parser has a fault';
  expect(await process.analyse(asked)).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining(fault),
  });
  expect(await process.analyse(asked)).toMatchObject({ state: 'ran' });
});

test('a process that answers what is no outcome is ended, and the next analysis gets a new one', async () => {
  const garbling = path.resolve(import.meta.dirname, '../../../support/garbling-analysis.ts');
  let started = 0;
  const process = open({ spawn: (entry) => forkChild(started++ === 0 ? garbling : entry) });
  const asked = await request();
  expect(await process.analyse(asked)).toMatchObject({
    state: 'failed',
    reason: 'The analysis process sent what nobody can read, and was ended.',
  });
  expect(await process.analyse(asked)).toMatchObject({ state: 'ran' });
});

test('a cancelled analysis is ended, and the process with it', async () => {
  const process = open();
  const controller = new AbortController();
  const answer = process.analyse(await request(), controller.signal);
  controller.abort();
  await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
  await expect(process.analyse(await request(), controller.signal)).rejects.toMatchObject({
    code: 'cancelled',
  });
});
