/** The system report and the listing of the host's folders. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { directoryListing, systemReport } from '#contract/system.ts';
import { licenceNotices } from '#hosts/licence-notices.ts';
import { SystemService } from '#features/system/system.service.ts';
import { systemProcedures } from '#features/system/system.procedures.ts';
import { remember, thisMachine } from '#compute/trainer/backend-memory.ts';
import { migrations } from '#storage/migrations/migrations.ts';
import type { Workspace } from '#storage/workspace.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { temporaryWorkspace } from '#tests/support/temporary-workspace.ts';

const backend = { name: 'wasm', provider: 'cpu', ready: true, device: 'a processor', reason: '' };

async function setUp(workspace?: Workspace): Promise<ReturnType<typeof systemProcedures>> {
  workspace ??= await temporaryWorkspace();
  return systemProcedures(
    new SystemService({
      ...{ workspace, version: '1.2.3', host: 'headless', licences: licenceNotices },
      backends: async () => [backend],
    }),
  );
}

test('the report tells versions, backends and the state of the storage', async () => {
  const report = systemReport.parse(await (await setUp()).report({}));
  expect(report).toMatchObject({
    version: '1.2.3',
    node: process.versions.node,
    electron: null,
    host: 'headless',
  });
  expect(report.backends).toEqual([backend]);
  expect(report.storage).toMatchObject({ writable: true, schemaVersion: migrations.at(-1)?.number });
  expect(report.storage.sqlite).toMatch(/^3\.\d+\.\d+$/);
  expect(report.storage.freeBytes).toBeGreaterThan(0);
  expect(report.storage.databaseBytes).toBeGreaterThan(4096);
});

test('the report tells what was measured on this machine, the latest first, and nothing of another', async () => {
  const workspace = await temporaryWorkspace();
  const chosen = { name: 'wasm', provider: 'cpu' };
  const figures = { ...chosen, device: 'a processor', milliseconds: 12.5, problem: '' };
  const here = {
    machine: thisMachine('1.2.3', [backend]),
    shapes: { crop: 64 },
    backends: [figures],
    chosen,
  };
  await remember(workspace.backendMeasurements, { ...here, at: 1 });
  await remember(workspace.backendMeasurements, { ...here, at: 2, shapes: { crop: 128 } });
  const elsewhere = { ...here.machine, gpus: ['another GPU'] };
  await remember(workspace.backendMeasurements, { ...here, at: 3, machine: elsewhere });
  await remember(workspace.backendMeasurements, { ...here, at: 4 }); // in place of the first
  const { measurements } = systemReport.parse(await (await setUp(workspace)).report({}));
  expect(measurements).toEqual([
    { ...here, at: 4 },
    { ...here, at: 2, shapes: { crop: 128 } },
  ]);
});

test('a folder is listed with folders first, then pictures, models and lists in natural order, and nothing else', async () => {
  const procedures = await setUp();
  const folder = temporaryFolder();
  for (const name of ['z', '.hidden']) mkdirSync(path.join(folder, name));
  for (const name of ['10.jpg', '2.PNG', 'detector.onnx', 'known.csv', 'notes.doc', '.x.jpg'])
    write(folder, name, '');
  const listing = directoryListing.parse(await procedures.browse({ path: folder }));
  expect(listing).toMatchObject({ path: folder, parent: path.dirname(folder), images: 2 });
  expect(listing.entries.map((entry) => [entry.name, entry.kind])).toEqual([
    ['z', 'folder'],
    ['2.PNG', 'image'],
    ['10.jpg', 'image'],
    ['detector.onnx', 'model'],
    ['known.csv', 'list'],
  ]);
  expect(listing.entries[0]?.path).toBe(path.join(folder, 'z'));
  expect((await procedures.browse({ path: path.parse(folder).root })).parent).toBeNull();
});

test('a folder that is missing, and a file in its place, are told apart', async () => {
  const procedures = await setUp();
  const file = write(temporaryFolder(), 'a', '');
  const browse = (place: string): Promise<unknown> => Promise.resolve(procedures.browse({ path: place }));
  expect((await failureOf(browse(`${file}-missing`))).code).toBe('file_not_found');
  expect(await failureOf(browse(file))).toMatchObject({
    code: 'file_unreadable',
    message: `${file} is not a folder.`,
  });
});

test('the licences are told word for word; those of packages only by a packed program', async () => {
  const { licence, notice, fonts, components } = await (await setUp()).licences({});
  expect(licence).toContain('Apache License');
  expect(notice).toContain('Copyright The Pentimento authors');
  expect(fonts).toContain('SIL OPEN FONT LICENSE');
  expect(components).toBeNull();
});
