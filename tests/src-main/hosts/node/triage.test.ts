/** `triage` from the command line: a line a picture as it ends, sorted, exported, and gone on with. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { samplePicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { writeTinyDetector } from '#tests/support/tiny-detector.ts';

const cli = path.resolve(import.meta.dirname, '../../../../src-main/hosts/node/cli.ts');

test('a folder is judged with a line a picture, its failures are listed, and a run goes on with what failed', async () => {
  const folder = temporaryFolder();
  const pictures = temporaryFolder();
  const json = (...args: string[]) =>
    new Promise<{ status: number; lines: Record<string, unknown>[] }>((resolve) => {
      const all = [cli, 'triage', ...args, '--json', '--data-dir', path.join(folder, 'workspace')];
      const child = execFile(process.execPath, all, (_, stdout) =>
        resolve({
          status: child.exitCode!,
          lines: stdout
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as Record<string, unknown>),
        }),
      );
    });
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
