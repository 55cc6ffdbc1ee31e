/** The bill of materials, the notices and the sums of a package: that nothing that ships is missing in them. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

type Component = { name: string; version: string; licence: string; texts: string[]; path: string };
type Listed = {
  'bom-ref': string;
  name: string;
  purl: string;
  licenses: { expression?: string; license?: { text: { content: string } } }[];
  hashes?: { alg: string; content: string }[];
};
const project = path.resolve(import.meta.dirname, '../..');
const house = (name: string) => import(pathToFileURL(path.join(project, 'build/house', name)).href);
const { components, notices, billOfMaterials } = (await house('components.mjs')) as {
  components(project: string): Component[];
  notices(list: Component[], electron: string): string;
  billOfMaterials(list: Component[], project: string): { bomFormat: string; components: Listed[] };
};
const { sumsOf } = (await house('sums.mjs')) as { sumsOf(folder: string): string };
const list = components(project);
const manifest = JSON.parse(readFileSync(path.join(project, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

test('every package that runs is in the bill of materials once, with its version, licence and hash', () => {
  const bill = billOfMaterials(list, project);
  expect(bill.bomFormat).toBe('CycloneDX');
  const named = new Set(bill.components.map(({ name }) => name));
  // What the program loads, what the bundler puts into its pages, and the runtime.
  const shipped = [...Object.keys(manifest.dependencies), 'svelte', '@fontsource/ibm-plex-sans', 'electron'];
  expect(shipped.filter((name) => !named.has(name))).toEqual([]);
  for (const name of ['vitest', 'typescript', 'eslint', 'playwright-core']) expect(named).not.toContain(name);
  const references = bill.components.map((one) => one['bom-ref']);
  expect(new Set(references).size).toBe(references.length);
  for (const { name, purl, licenses, hashes } of bill.components) {
    expect(purl, name).toMatch(/^pkg:npm\/(%40[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+/);
    expect(licenses[0]!.expression ?? licenses[0]!.license!.text.content, name).toMatch(/\w/);
    expect(hashes?.[0]?.content, name).toMatch(/^[0-9a-f]{128}$/);
  }
  expect(billOfMaterials(components(project), project)).toEqual(bill);
});

test('every package that runs is in the notices; one that says nothing of its licence is refused', () => {
  const text = notices(list, '1.2.3');
  for (const { name, version } of list) expect(text).toContain(`\n${name} ${version} (`);
  expect(text).toContain('Electron 1.2.3');
  const silent = { name: 'silent', version: '1.0.0', licence: '', texts: [], path: 'node_modules/silent' };
  expect(() => notices([...list, silent], '1.2.3')).toThrow('silent 1.0.0 says nothing of its licence');
});

test('the sums are those of all files that were packed, as `sha256sum --check` reads them', () => {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'linux-unpacked'));
  for (const name of ['b.deb', 'a.AppImage', 'SHA256SUMS']) writeFileSync(path.join(folder, name), name);
  const sum = (text: string) => createHash('sha256').update(text).digest('hex');
  expect(sumsOf(folder)).toBe(`${sum('a.AppImage')}  a.AppImage\n${sum('b.deb')}  b.deb\n`);
});
