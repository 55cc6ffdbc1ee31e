/** `bench analysis`: its help. */
import type { Command } from 'commander';
import type { Perform } from './perform.ts';

export function declareBenchAnalysis(bench: Command, perform: Perform): void {
  bench
    .command('analysis')
    .description('how long each analysis takes on a JPEG of 24 megapixels, and how much memory')
    .action(() => perform(async (c) => (await import('./verbs/bench-analysis.ts')).benchAnalysisVerb(c)));
}
