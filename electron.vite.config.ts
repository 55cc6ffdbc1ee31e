/**
 * The build: out/main (the Electron main process and, beside it, entries that plain Node runs: headless host, command
 * line, trainer, judge, examiner, viewer and analyses with their threads, benchmark), out/preload and out/renderer. Needs no Electron
 * runtime.
 */
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';

const at = (path: string) => resolve(import.meta.dirname, path);
const manifest = createRequire(import.meta.url)('./package.json') as {
  optionalDependencies: Record<string, string>;
};

export default defineConfig({
  main: {
    build: {
      outDir: at('out/main'),
      // electron-vite externalises `dependencies` only; optional natives must be named.
      externalizeDeps: { include: Object.keys(manifest.optionalDependencies) },
      rolldownOptions: {
        input: {
          index: at('src-main/hosts/electron/main.ts'),
          utility: at('src-main/hosts/electron/utility-entry.ts'),
          headless: at('src-main/hosts/node/server-main.ts'),
          cli: at('src-main/hosts/node/cli.ts'),
          trainer: at('src-main/compute/trainer/entry.ts'),
          'batch-thread': at('src-main/compute/trainer/batch-thread-entry.ts'),
          analysis: at('src-main/compute/analysis/entry.ts'),
          judge: at('src-main/compute/judging/entry.ts'),
          examiner: at('src-main/compute/decoding/examiner-entry.ts'),
          viewer: at('src-main/compute/viewing/entry.ts'),
          'memory-watch': at('src-main/compute/memory-watch-entry.ts'),
          benchmark: at('src-main/features/training-benchmark/entry.ts'),
        },
        output: { format: 'es' },
      },
    },
  },
  preload: {
    build: {
      outDir: at('out/preload'),
      externalizeDeps: false, // a sandboxed preload may require nothing but `electron`
      rolldownOptions: {
        input: { index: at('src-preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('src-renderer'),
    base: './',
    plugins: [svelte({ configFile: at('svelte.config.js') })],
    worker: { format: 'es' },
    build: {
      outDir: at('out/renderer'),
      emptyOutDir: true,
      assetsInlineLimit: 0, // the content security policy allows no data: scripts or styles
      rolldownOptions: { input: { index: at('src-renderer/index.html') } },
    },
  },
});
