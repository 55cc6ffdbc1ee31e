/** Each direction of knowledge, planted and seen to fail, through ESLint itself. */
import { resolve } from 'node:path';
import { ESLint } from 'eslint';
import ts from 'typescript-eslint';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
// The planted files do not exist, so the rules that need types, none of which is tested here, cannot see them.
const eslint = new ESLint({ cwd: root, overrideConfig: [ts.configs.disableTypeChecked] });

async function complaints(code: string, path: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: resolve(root, path) });
  return (result?.messages ?? []).map((m) => `${m.ruleId}: ${m.message}`);
}
const use = (specifier: string) => `import * as x from '${specifier}';\nexport const y = x;\n`;

describe('lint refuses', () => {
  test.each([
    ['src-main/engine/ops/planted.ts', 'node:fs'],
    ['src-main/engine/ops/planted.ts', 'electron'],
    ['src-main/engine/ops/planted.ts', 'sharp'],
    ['src-main/engine/ops/planted.ts', 'better-sqlite3'],
    ['src-main/engine/ops/planted.ts', 'onnxruntime-node'],
    ['src-main/engine/ops/planted.ts', '@tensorflow/tfjs'],
    ['src-main/engine/ops/planted.ts', '#contract/common.ts'],
    ['src-main/engine/ops/planted.ts', '../../storage/blob-store.ts'],
    ['src-main/contract/planted.ts', 'node:path'],
    ['src-main/contract/planted.ts', '@msgpack/msgpack'],
    ['src-main/contract/planted.ts', '#engine/ports.ts'],
    ['src-main/contract/planted.ts', '../features/rpc/build-router.ts'],
    ['src-main/transport/planted.ts', 'ws'],
    ['src-main/transport/planted.ts', '#features/rpc/build-router.ts'],
    ['src-main/features/jobs/planted.ts', 'electron'],
    ['src-main/features/jobs/planted.ts', 'electron/main'],
    ['src-main/features/jobs/planted.ts', '#hosts/create-app.ts'],
    ['src-main/features/jobs/planted.ts', '../../hosts/create-app.ts'],
    ['src-main/compute/planted.ts', '#hosts/create-app.ts'],
    ['src-main/compute/planted.ts', '#features/jobs/job.service.ts'],
    ['src-main/inference/planted.ts', '#hosts/create-app.ts'],
    ['src-main/inference/planted.ts', '#storage/database.ts'],
    ['src-main/storage/planted.ts', '#features/jobs/job.service.ts'],
    ['src-main/storage/planted.ts', '#hosts/create-app.ts'],
    ['src-main/compiler/planted.ts', '#engine/models/detector.ts'],
    ['src-main/compiler/planted.ts', '#storage/database.ts'],
    ['src-main/hosts/node/planted.ts', 'electron'],
    ['src-main/hosts/node/planted.ts', '#renderer/app.ts'],
    ['src-renderer/lib/planted.ts', '#engine/ports.ts'],
    ['src-renderer/lib/planted.ts', '../../src-main/storage/database.ts'],
    ['src-renderer/lib/planted.ts', 'electron'],
    ['src-renderer/lib/planted.ts', 'node:fs'],
    ['src-preload/planted.ts', '#hosts/create-app.ts'],
    ['src-preload/planted.ts', 'ws'],
    ['src-main/compute/planted.ts', 'onnxruntime-node'],
    ['tests/planted.test.ts', 'onnxruntime-node'],
  ])('%s importing %s', async (path, specifier) => {
    expect(await complaints(use(specifier), path)).toEqual([
      expect.stringMatching(/^pentimento\/boundaries: /),
    ]);
  });

  test.each([
    ['a dynamic import', `export const x = import('#hosts/create-app.ts');\n`],
    ['a re-export', `export * from '#hosts/create-app.ts';\n`],
    ['a named re-export', `export { createApp } from '#hosts/create-app.ts';\n`],
    ['a type import', `import type { App } from '#hosts/create-app.ts';\nexport type X = App;\n`],
    ['an import type', `export type X = import('#hosts/create-app.ts').App;\n`],
  ])('%s that crosses a border', async (_, code) => {
    expect(await complaints(code, 'src-main/features/jobs/planted.ts')).toEqual([
      expect.stringContaining('src-main/features may not know src-main/hosts/create-app.ts'),
    ]);
  });

  test('an import in a Svelte component that crosses a border', async () => {
    const code = `<script lang="ts">\n  import { run } from '#engine/ports.ts';\n</script>\n\n<p>{run}</p>\n`;
    expect(await complaints(code, 'src-renderer/views/Planted.svelte')).toEqual([
      expect.stringContaining('src-renderer may not know src-main/engine/ports.ts'),
    ]);
  });

  test.each(['process', 'document', 'Buffer'])('the global %s in the engine', async (name) => {
    const code = `export const y = ${name};\n`;
    expect(await complaints(code, 'src-main/engine/ops/planted.ts')).toEqual([
      expect.stringContaining('no-restricted-globals'),
    ]);
  });
});

describe('lint accepts', () => {
  test.each([
    ['src-main/engine/ops/planted.ts', '@tensorflow/tfjs-core'],
    ['src-main/engine/ops/planted.ts', '../ports.ts'],
    ['src-main/contract/planted.ts', 'zod'],
    ['src-main/compiler/planted.ts', '#engine/ports.ts'],
    ['src-main/compute/planted.ts', '#engine/models/detector.ts'],
    ['src-main/storage/planted.ts', 'better-sqlite3'],
    ['src-main/features/jobs/planted.ts', '#storage/database.ts'],
    ['src-main/hosts/electron/planted.ts', 'electron'],
    ['src-main/hosts/node/planted.ts', '#features/rpc/build-router.ts'],
    ['src-renderer/lib/planted.ts', '#transport/msgpack-encoder.ts'],
    ['src-main/inference/onnx-runtime.ts', 'onnxruntime-node'],
  ])('%s importing %s', async (path, specifier) => {
    expect(await complaints(use(specifier), path)).toEqual([]);
  });

  test('the types of a package that only one file loads', async () => {
    const code = `import type { Tensor } from 'onnxruntime-node';\nexport type X = Tensor;\n`;
    expect(await complaints(code, 'src-main/compute/planted.ts')).toEqual([]);
  });
});
