/** Where the program's own files lie: beside this source, or beside the built output that it was bundled into. */
import { dirname, join, resolve } from 'node:path';
import { builtMain, entryScript, fromSource } from '#compute/entry-scripts.ts';
import manifest from '../../package.json' with { type: 'json' };

const built = fromSource ? resolve(import.meta.dirname, '../../out') : dirname(builtMain);

/** The checkout, or the folder that the built program was packed into. */
export const programRoot: string = fromSource ? resolve(import.meta.dirname, '../..') : dirname(built);
/** What `bench method` measured. */
export const methodMeasurements: string = join(programRoot, 'resources', 'validation', 'method.json');
/** The program's version, as in its package. */
export const programVersion: string = manifest.version;
/** What the trainer process runs. */
export { trainerEntry } from '#compute/entry-scripts.ts';
/** What a process of `bench training` runs. */
export const benchmarkEntry: string = entryScript('features/training-benchmark/entry.ts', 'benchmark');
/** What Electron's utility processes run first; only the built program runs in Electron. */
export const utilityEntry: string = join(builtMain, 'utility.js');
/** Hashes of the native libraries, written when the program is packed. */
export const nativeFileList: string = join(built, 'native-files.json');
/** Licences of every package, written when the program is packed. */
export const componentNotices: string = join(built, 'notices.txt');
/** The built renderer. */
export const pagesFolder: string = join(built, 'renderer');
/** The built preload script of Electron's windows. */
export const preloadScript: string = join(built, 'preload', 'index.cjs');
