/** Scripts that run in processes and threads of their own: in this source, or where the bundler puts entries. */
import { basename, dirname, join, resolve } from 'node:path';

const here = import.meta.dirname;
/** Whether the program runs from its source, under Node's own type stripping. */
export const fromSource: boolean = import.meta.filename.endsWith('.ts');
/** `out/main`, where the bundler puts entries; what they share goes to its folder `chunks`. */
export const builtMain: string = basename(here) === 'chunks' ? dirname(here) : here;

/** @param source below `src-main` @param built its name in electron.vite.config.ts */
export const entryScript = (source: string, built: string): string =>
  fromSource ? resolve(here, '..', source) : join(builtMain, `${built}.js`);

/** What the trainer process runs. */
export const trainerEntry: string = entryScript('compute/trainer/entry.ts', 'trainer');
/** What the thread that prepares a run's batches runs. */
export const batchThreadEntry: string = entryScript('compute/trainer/batch-thread-entry.ts', 'batch-thread');
/** What the analysis process runs. */
export const analysisEntry: string = entryScript('compute/analysis/entry.ts', 'analysis');
/** What the process that decodes and judges pictures runs. */
export const judgeEntry: string = entryScript('compute/judging/entry.ts', 'judge');
/** What the process that decodes pictures at their intake runs. */
export const examinerEntry: string = entryScript('compute/decoding/examiner-entry.ts', 'examiner');
/** What the process that decodes pictures to show them runs. */
export const viewerEntry: string = entryScript('compute/viewing/entry.ts', 'viewer');
/** The thread in each that watches its memory. */
export const memoryWatchEntry: string = entryScript('compute/memory-watch-entry.ts', 'memory-watch');
