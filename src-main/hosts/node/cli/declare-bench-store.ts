/** `bench store`: its options and help. */
import type { Command } from 'commander';
import type { Perform } from './perform.ts';

export function declareBenchStore(bench: Command, perform: Perform): void {
  bench
    .command('store')
    .description('how fast evidence is taken in, and how fast a case of 100,000 items is read')
    .option('--quick', 'a case of 1,000 items')
    .action((options) =>
      perform(async (c) => (await import('./verbs/bench-store.ts')).benchStoreVerb(c, options)),
    );
}
