/** Where the program's own files lie: beside this source, or beside the built output that it was bundled into. */
import { basename, dirname, join, resolve } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };

const fromSource = import.meta.filename.endsWith('.ts');
const here = import.meta.dirname;
/** `out/main`, where the bundler puts entries; what they share goes to its folder `chunks`. */
const builtMain = basename(here) === 'chunks' ? dirname(here) : here;
const built = fromSource ? resolve(here, '../../out') : dirname(builtMain);

/** The checkout, or the folder that the built program was packed into. */
export const programRoot: string = fromSource ? resolve(here, '../..') : dirname(built);
/** What `bench method` measured. */
export const methodMeasurements: string = join(programRoot, 'resources', 'validation', 'method.json');
/** The program's version, as in its package. */
export const programVersion: string = manifest.version;
/** What the trainer process runs. */
export const trainerEntry: string = fromSource
  ? resolve(here, '../compute/trainer/entry.ts')
  : join(builtMain, 'trainer.js');
/** What a process of `bench training` runs. */
export const benchmarkEntry: string = fromSource
  ? resolve(here, '../features/training-benchmark/entry.ts')
  : join(builtMain, 'benchmark.js');
/** The built renderer. */
export const pagesFolder: string = join(built, 'renderer');
/** The built preload script of Electron's windows. */
export const preloadScript: string = join(built, 'preload', 'index.cjs');
