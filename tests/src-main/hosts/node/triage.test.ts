/** `triage` from the command line: a line a picture as it ends, sorted, exported, and gone on with. */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startProgram } from '#tests/support/start-program.ts';
import { samplePicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { writeTinyDetector } from '#tests/support/tiny-detector.ts';

const cli = path.resolve(import.meta.dirname, '../../../../src-main/hosts/node/cli.ts');

test('a folder is judged with a line a picture, its failures are listed, and a run goes on with what failed', async () => {
  const folder = temporaryFolder();
  const pictures = temporaryFolder();
  const json = async (...args: string[]) => {
    const all = [cli, 'triage', ...args, '--json', '--data-dir', path.join(folder, 'workspace')];
    const child = startProgram(all);
    const ended = once(child, 'exit') as Promise<[number | null]>;
    const lines = (await text(child.stdout)).split('\n').filter((line) => line !== '');
    const [status] = await ended;
    return { status, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
  };
  const good = write(pictures, 'good.png', await samplePicture(100, 80).png().toBuffer());
  const bad = write(pictures, 'bad.png', 'nothing');
  const rules = path.join(folder, 'rules.json');
  writeFileSync(rules, JSON.stringify([{ pile: 'all', scoreFrom: -1000 }]));
  const model = await writeTinyDetector(path.join(folder, 'tiny.onnx'));
  const csv = path.join(folder, 'out.csv');

  const first = await json(pictures, '--model', model, '--rules', rules, '--export', csv);
  expect(first.status).toBe(3);
  expect(first.lines.toSorted((a, b) => String(a['path']).localeCompare(String(b['path'])))).toMatchObject([
    { path: bad, error: { code: 'not_an_image' } },
    { path: good, pile: 'all', verdict: 'simulated', judged_at: expect.any(Number) },
  ]);
  expect(readFileSync(csv, 'utf8').split('\r\n')).toHaveLength(4);

  write(pictures, 'bad.png', await samplePicture(90, 90).png().toBuffer());
  const [listed] = (await json('--list')).lines;
  const [run] = listed!['runs'] as { id: string; counts: object }[];
  expect(run!.counts).toEqual({ waiting: 0, judged: 1, failed: 1 });
  const again = await json('--resume', run!.id, '--retry');
  expect(again).toMatchObject({ status: 0, lines: [{ path: bad, pile: 'all' }] });

  expect((await json()).status).toBe(2);
  expect((await json(pictures, '--export', 'out.txt')).lines).toMatchObject([
    { error: { code: 'invalid_input' } },
  ]);
});
