/**
 * Programs that are killed (SIGKILL) at random points of what they do, 102 times in all. After each kill the workspace opens, its
 * database passes its integrity check, everything that was said to be done is there, every file of the store has the
 * bytes of its name, and the audit log is the chain that was written.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '#engine/random.ts';
import { createDatasets } from '#features/datasets/create-datasets.ts';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import { ModelService } from '#features/models/model.service.ts';
import { VerificationService } from '#features/verification/verification.service.ts';
import { listBackups } from '#storage/backups.ts';
import { migrations } from '#storage/migrations/migrations.ts';
import { openDatabase } from '#storage/open-database.ts';
import { Workspace } from '#storage/workspace.ts';
import type { FakeAction } from '#tests/support/fake-trainer.ts';
import { runAndKill, supportProgram } from '#tests/support/start-program.ts';
import { writeTinyDetector } from '#tests/support/tiny-detector.ts';

const kills = 17;
const holder = 'the tests';

let base: string;
beforeAll(() => void (base = mkdtempSync(path.join(tmpdir(), 'pentimento-killed-'))));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** Opens what a killed program left, and looks at all of it. */
async function examine(folder: string, look: (workspace: Workspace) => void): Promise<void> {
  const workspace = await Workspace.open(folder, { holder });
  try {
    expect(workspace.sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(readdirSync(path.join(folder, 'blobs', 'incoming'))).toEqual([]);
    const jobs = new JobService(new JobRepository(workspace.db));
    const report = await new VerificationService({ workspace, jobs }).verify();
    expect(report.findings).toEqual([]);
    look(workspace);
  } finally {
    await workspace.close();
  }
}
const column = ({ sqlite }: Workspace, sql: string): unknown[] => sqlite.prepare(sql).pluck().all();

async function makePictures(name: string, count: number): Promise<string> {
  const folder = path.join(base, name);
  mkdirSync(folder);
  const random = new Random(name);
  for (let i = 0; i < count; i++)
    await sharp(Buffer.from(Array.from({ length: 64 * 64 * 3 }, () => random.integer(256))), {
      raw: { width: 64, height: 64, channels: 3 },
    })
      .png()
      .toFile(path.join(folder, `${i}.png`));
  return folder;
}

describe.concurrent(`killed ${kills} times`, { timeout: 300_000 }, () => {
  test('an import keeps every picture that it said was taken in', async ({ expect }) => {
    const folder = path.join(base, 'importing');
    const taken: string[] = [];
    const random = new Random('killed import');
    for (let kill = 0; kill < kills; kill++) {
      const pictures = await makePictures(`pictures ${kill}`, 12);
      const point = { lines: random.integer(5) + 1, moment: random.integer(40) };
      taken.push(...(await runAndKill([supportProgram('import-folder'), folder, pictures], point)));
      await examine(folder, (workspace) =>
        expect(column(workspace, 'SELECT sha256 FROM dataset_items')).toEqual(expect.arrayContaining(taken)),
      );
    }
  });

  test('labelling is done for all pictures of an edit or for none, and every edit that was told of stays', async ({
    expect,
  }) => {
    const folder = path.join(base, 'labelling');
    const workspace = await Workspace.open(folder, { holder });
    const jobs = new JobService(new JobRepository(workspace.db));
    const renderScenes = async function* (): AsyncGenerator<never> {};
    const { transfer } = createDatasets({ workspace, jobs, renderScenes });
    const paths = [await makePictures('labelled', 12)];
    await jobs.wait((await transfer.import({ paths, dataset: 'Photographs', label: 'real' })).jobId);
    await workspace.close();
    const made: string[] = [];
    const random = new Random('killed labelling');
    for (let kill = 0; kill < kills; kill++) {
      const point = { lines: random.integer(5) + 1, moment: random.integer(40) };
      const said = await runAndKill([supportProgram('busy-workspace'), 'labelling', folder], point);
      made.push(...said.filter((line) => line.startsWith('edit ')).map((line) => line.slice(5)));
      await examine(folder, (open) => {
        expect(column(open, 'SELECT id FROM dataset_edits')).toEqual(expect.arrayContaining(made));
        expect(column(open, 'SELECT DISTINCT label FROM dataset_items')).toHaveLength(1);
        expect(column(open, 'SELECT id FROM dataset_items')).toHaveLength(12);
      });
    }
    expect(made.length).toBeGreaterThan(0);
  });

  test('detection keeps every verdict that it gave', async ({ expect }) => {
    const folder = path.join(base, 'detecting');
    const pictures = await makePictures('judged', 3);
    const workspace = await Workspace.open(folder, { holder });
    await new ModelService(workspace).import(await writeTinyDetector(path.join(base, 'tiny.onnx')));
    await workspace.close();
    const given: string[] = [];
    const random = new Random('killed detection');
    for (let kill = 0; kill < kills; kill++) {
      const point = { lines: random.integer(5) + 1, moment: random.integer(60) };
      const said = await runAndKill([supportProgram('busy-workspace'), 'detection', folder, pictures], point);
      given.push(...said.filter((line) => line.startsWith('verdict ')).map((line) => line.slice(8)));
      await examine(folder, (open) =>
        expect(column(open, 'SELECT id FROM verdicts')).toEqual(expect.arrayContaining(given)),
      );
    }
  });

  test('training keeps every point and checkpoint that it told of, and no run stays running', async ({
    expect,
  }) => {
    const folder = path.join(base, 'training');
    const script: FakeAction[] = [
      { do: 'ready' },
      ...Array.from({ length: 40 }, (_, index): FakeAction[] => [
        { do: 'metric', step: index * 2 + 1 },
        { do: 'checkpoint', step: index * 2 + 1 },
        { do: 'samples', step: index * 2 + 1 },
      ]).flat(),
      { do: 'wait' },
    ];
    const random = new Random('killed training');
    for (let kill = 0; kill < kills; kill++) {
      const point = { lines: random.integer(12) + 1, moment: random.integer(40) };
      const said = await runAndKill(
        [supportProgram('start-run-and-wait'), folder, JSON.stringify(script)],
        point,
      );
      const run = said.map((line) => /^run (\S+) queued/.exec(line)?.[1]).find((id) => id !== undefined);
      const count = (what: string): number => said.filter((line) => line === what).length;
      await examine(folder, (open) => {
        const states = column(open, 'SELECT DISTINCT state FROM training_runs');
        expect(states.filter((state) => state !== 'interrupted')).toEqual([]);
        const rows = (table: string): number =>
          column(open, `SELECT step FROM ${table} WHERE run_id = '${run}'`).length;
        expect(rows('run_metrics')).toBeGreaterThanOrEqual(count('metric'));
        // Of the checkpoints the newest three stay.
        expect(rows('checkpoints')).toBeGreaterThanOrEqual(Math.min(3, count('checkpoint')));
        expect(rows('run_samples')).toBeGreaterThanOrEqual(count('samples'));
      });
    }
  });

  test('a backup is whole or not there, and what was written beside it stays', async ({ expect }) => {
    const folder = path.join(base, 'backing-up');
    const random = new Random('killed backup');
    let entries = 0;
    for (let kill = 0; kill < kills; kill++) {
      const point = { lines: random.integer(5) + 1, moment: random.integer(60) };
      const said = await runAndKill([supportProgram('busy-workspace'), 'backup', folder], point);
      for (const line of said)
        if (line.startsWith('entries ')) entries = Math.max(entries, Number(line.slice(8)));
      const told = said.filter((line) => line.startsWith('backup ')).map((line) => line.slice(7));
      await examine(folder, (open) => {
        expect(open.audit.head().entries).toBeGreaterThanOrEqual(entries);
        const backups = listBackups(open.backupsFolder);
        expect(backups.map(({ name }) => name)).toEqual(expect.arrayContaining(told.slice(-7)));
        for (const { name } of backups) {
          const copy = new BetterSqlite(path.join(open.backupsFolder, name), { readonly: true });
          expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
          copy.close();
        }
      });
    }
  });

  test('a migration is done or not begun, with its rows, and the backup before it is whole', async ({
    expect,
  }) => {
    const old = path.join(base, 'old.sqlite');
    const database = await openDatabase(old, migrations.slice(0, 2));
    database.exec(`INSERT INTO datasets VALUES ('d', 'Cameras', 1, 0, NULL)`);
    database.close();
    const random = new Random('killed migration');
    for (let kill = 0; kill < kills; kill++) {
      const folder = path.join(base, `migrating ${kill}`);
      mkdirSync(folder);
      copyFileSync(old, path.join(folder, 'workspace.sqlite'));
      await runAndKill([supportProgram('busy-workspace'), 'migration', folder], {
        lines: 1,
        moment: random.integer(250),
      });
      await examine(folder, (open) => {
        expect(column(open, 'SELECT name FROM datasets')).toEqual(['Cameras']);
        expect(open.sqlite.pragma('user_version', { simple: true })).toBe(migrations.at(-1)?.number);
        const [backup] = listBackups(open.backupsFolder).slice(-1);
        const copy = new BetterSqlite(path.join(open.backupsFolder, backup?.name ?? ''), { readonly: true });
        expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
        expect(copy.prepare('SELECT name FROM datasets').pluck().all()).toEqual(['Cameras']);
        copy.close();
      });
    }
  });
});
