/** The verbs of the classical analyses: `analyse` on a file, and `cases --analyse` on a case. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { renderScenes } from '#features/samples/scene-renderer.ts';
import { samplePicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const cli = path.resolve(import.meta.dirname, '../../../../src-main/hosts/node/cli.ts');
async function json(folder: string, ...args: string[]) {
  const workspace = path.join(folder, 'workspace');
  const run = promisify(execFile)(process.execPath, [cli, ...args, '--json', '--data-dir', workspace]);
  const { stdout, code } = await run.then(
    (ended) => ({ ...ended, code: 0 }),
    (failed: { stdout: string; code: number }) => failed,
  );
  return { status: code, answer: JSON.parse(stdout) as Record<string, unknown> };
}

test('a picture is analysed into a folder: findings as JSON, maps as PNG', async () => {
  const folder = temporaryFolder();
  const file = write(folder, 'a.jpg', await samplePicture(160, 128).jpeg().toBuffer());
  const out = path.join(folder, 'out');
  const only = ['--only', 'jpeg-coding,error-level'];
  const { status, answer } = await json(folder, 'analyse', file, ...only, '--out', out);
  expect(status).toBe(0);
  expect(answer).toMatchObject({
    path: file,
    analyses: [
      { analysis: 'jpeg-coding', state: 'ran', program_version: expect.any(String) },
      { analysis: 'error-level', state: 'ran', parameters: { quality: 90 } },
    ],
  });
  const { findings, ...document } = answer;
  expect(JSON.parse(readFileSync(String(findings), 'utf8'))).toEqual(document);
  const map = (answer['maps'] as Record<string, string>)['error-level.error-level']!;
  expect(path.dirname(map)).toBe(out);
  expect(existsSync(map)).toBe(true);
});

test('an analysis that is not there, and a file that is gone, end in errors', async () => {
  const folder = temporaryFolder();
  const file = write(folder, 'a.png', await samplePicture().png().toBuffer());
  const unknown = await json(folder, 'analyse', file, '--only', 'none', '--out', folder);
  expect(unknown).toMatchObject({ status: 1, answer: { error: { code: 'not_found' } } });
  const gone = await json(folder, 'analyse', `${file}.none`, '--out', folder);
  expect(gone).toMatchObject({ status: 1, answer: { error: { code: 'file_not_found' } } });
});

test('the evidence of a case is analysed, and what was not run is counted', async () => {
  const folder = temporaryFolder();
  const file = write(folder, 'a.png', await samplePicture().png().toBuffer());
  await json(folder, 'cases', '--create', 'Doe');
  await json(folder, 'intake', file, '--case', 'Doe');
  const only = ['--only', 'metadata,jpeg-coding'];
  expect(await json(folder, 'cases', 'Doe', '--analyse', ...only)).toEqual({
    status: 0,
    answer: { state: 'done', pictures: 1, states: { ran: 1, 'not-run': 1, failed: 0 }, failed: [] },
  });
});

test('a picture is compared with those of a folder, with settings of its own, and what cannot be meant is refused', async () => {
  const folder = temporaryFolder();
  const names: string[] = [];
  for await (const { name, bytes } of renderScenes({ count: 7, seed: 3, width: 160, height: 128 }))
    names.push(write(folder, name, bytes));
  const analyse = (...args: string[]) => json(folder, 'analyse', names[0]!, ...args, '--out', folder);
  const like = ['--reference', ...names.slice(1)];
  const set = ['--set', 'camera-pattern.threshold=80', 'error-level.quality=70'];
  const compared = await analyse('--only', 'camera-pattern,error-level', ...like, ...set);
  expect(compared).toMatchObject({
    status: 0,
    answer: {
      analyses: [
        { analysis: 'camera-pattern', parameters: { threshold: 80, references: { available: 6 } } },
        { analysis: 'error-level', state: 'ran', parameters: { quality: 70 } },
      ],
    },
  });
  for (const wrong of [
    ['--set', 'error-level'],
    ['--set', 'error-level.quality=70', '--only', 'metadata'],
    ['--only', 'metadata', ...like],
    [...like, '--reference-dataset', 'Camera'],
  ])
    expect(await analyse(...wrong)).toMatchObject({ answer: { error: { code: 'invalid_input' } } });
});

test('a list of known files is imported, and the file on it is found', async () => {
  const folder = temporaryFolder();
  const file = write(folder, 'a.png', await samplePicture().png().toBuffer());
  const sha1 = createHash('sha1').update(readFileSync(file)).digest('hex');
  const list = write(folder, 'known.txt', `${sha1}  holiday.png\n`);
  const named = ['--name', 'Known', '--date', '2026-11-25'];
  expect(await json(folder, 'lists', '--import', list)).toMatchObject({
    answer: { error: { code: 'invalid_input' } },
  });
  expect(await json(folder, 'lists', '--import', list, ...named)).toMatchObject({
    ...{ status: 0, answer: { kind: 'hashes', name: 'Known', counts: { sha1: 1 } } },
  });
  expect(await json(folder, 'lists')).toMatchObject({ answer: { lists: [{ name: 'Known' }] } });
  const { answer } = await json(folder, 'analyse', file, '--only', 'known-file', '--out', folder);
  expect(answer).toMatchObject({
    analyses: [{ findings: [{ code: 'known-file', data: { list: 'Known' } }] }],
  });
  expect(await json(folder, 'lists', '--remove', 'Unknown')).toMatchObject({
    answer: { error: { code: 'not_found' } },
  });
  expect(await json(folder, 'lists', '--remove', 'Known')).toMatchObject({ answer: { name: 'Known' } });
  expect(await json(folder, 'lists')).toMatchObject({ answer: { lists: [] } });
});
