/** The pack for a bare machine: what goes in, and that it starts where there is nothing else. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

type Packages = {
  isPacked(packageName: string, file: string): boolean;
  neededPackages(project: string): Map<string, string>;
};
type Pack = {
  collect(from: { project: string; node: string; folder: string; libraries?: string[] }): void;
};
const script = resolve(import.meta.dirname, '../../build/pack-bare-linux.mjs');
const packages = resolve(import.meta.dirname, '../../build/house/packages.mjs');
const { isPacked, neededPackages } = (await import(pathToFileURL(packages).href)) as Packages;
const { collect } = (await import(pathToFileURL(script).href)) as Pack;

let folder: string;
let project: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pentimento-pack-test-'));
  project = join(folder, 'project');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string, mode = 0o644): string {
  const file = join(project, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}
const installed = (path: string, manifest: object = {}) =>
  write(join('node_modules', path, 'package.json'), JSON.stringify({ version: '1.0.0', ...manifest }));

/** A project that needs `a`, which needs its own `b` and, optionally, `c` and `gone`; `tool` is for development. */
function writeProject(): void {
  write(
    'package.json',
    JSON.stringify({
      version: '3.2.1',
      dependencies: { a: '1' },
      optionalDependencies: { gpu: '1' },
      devDependencies: { tool: '1' },
    }),
  );
  installed('a', { dependencies: { b: '1' }, optionalDependencies: { c: '1', gone: '1' } });
  installed('a/node_modules/b');
  for (const name of ['b', 'c', 'gpu', 'tool']) installed(name);
}

test('packages are those that run, with what they need, as Node would find them', () => {
  writeProject();
  expect([...neededPackages(project).keys()].sort()).toEqual([
    ...['node_modules/a', 'node_modules/a/node_modules/b', 'node_modules/c'],
  ]);
});

test('a package that is needed and not installed is named', () => {
  writeProject();
  rmSync(join(project, 'node_modules/a/node_modules/b'), { recursive: true });
  rmSync(join(project, 'node_modules/b'), { recursive: true });
  expect(() => neededPackages(project)).toThrow(/^b, which .*a needs, is not installed/);
});

test.each([
  ['onnxruntime-node', 'bin/napi-v6/linux/x64/libonnxruntime.so.1', true],
  ['onnxruntime-node', 'bin/napi-v6/darwin/arm64/libonnxruntime.dylib', false],
  ['better-sqlite3', 'prebuilds/linux-x64.node', true],
  ['better-sqlite3', 'prebuilds/linuxmusl-x64.node', false],
  ['better-sqlite3', 'deps/sqlite3/sqlite3.c', false],
  ['@tensorflow/tfjs-backend-wasm', 'dist/tfjs-backend-wasm-threaded-simd.wasm', true],
  ['@tensorflow/tfjs-core', 'dist/tf-core.node.js', true],
  ['@tensorflow/tfjs-core', 'dist/tf-core.es2017.js', false],
  ['@tensorflow/tfjs-core', 'LICENSE', true],
  ['kysely', 'dist/index.js', true],
  ['kysely', 'dist/index.d.ts', false],
  ['kysely', 'dist/index.js.map', false],
  ['kysely', 'README.md', false],
  ['ws', 'LICENSE.md', true],
])('of %s, %s is packed: %s', (name, file, packed) => {
  expect(isPacked(name, file)).toBe(packed);
});

test('the pack starts in an empty environment, on its own Node, from any folder', () => {
  writeProject();
  write('node_modules/a/index.js', '');
  write('node_modules/a/index.d.ts', '');
  write('out/main/cli.js', '');
  write('out/renderer/index.html', '');
  write('LICENSE', 'terms');
  const node = write('node', '#!/bin/sh\necho "$0" "$@" "$LD_LIBRARY_PATH"\n', 0o755);
  const library = write('libvulkan.so.1', '');
  const packed = join(folder, 'the pack');
  collect({ project, node, folder: packed, libraries: [library] });
  const printed = execFileSync(join(packed, 'pentimento'), ['doctor', 'a b'], {
    cwd: '/',
    env: {},
    encoding: 'utf8',
  });
  expect(printed).toBe(
    `${packed}/bin/node --disable-warning=ExperimentalWarning ${packed}/out/main/cli.js doctor a b ${packed}/lib\n`,
  );
  const has = (path: string) => existsSync(join(packed, path));
  expect(
    [
      'LICENSE',
      'lib/libvulkan.so.1',
      'node_modules/a/index.js',
      'node_modules/a/node_modules/b/package.json',
    ].map(has),
  ).toEqual([...[true, true, true, true]]);
  expect(
    ['node_modules/a/index.d.ts', 'node_modules/gpu', 'node_modules/tool', 'out/renderer'].map(has),
  ).toEqual([...[false, false, false, false]]);
});
