/** `bench ui`: its options and help. */
import type { Command } from 'commander';
import type { Perform } from './perform.ts';

export function declareBenchUi(bench: Command, perform: Perform): void {
  bench
    .command('ui')
    .description('how the workbench feels: first paint, scrolling, a large photograph, layers, memory')
    .option('--quick', 'a case of 2,000 items, and 60 photographs to open')
    .action((options) => perform(async (c) => (await import('./verbs/bench-ui.ts')).benchUiVerb(c, options)));
}
