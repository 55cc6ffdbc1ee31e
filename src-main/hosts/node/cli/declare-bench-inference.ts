/** `bench inference`: its options and help. */
import type { Command } from 'commander';
import { whole } from './arguments.ts';
import type { Perform } from './perform.ts';

export function declareBenchInference(bench: Command, perform: Perform): void {
  bench
    .command('inference')
    .description(
      'how fast pictures of up to 12 megapixels are triaged, beside the matrix products here and now',
    )
    .option('--photographs <n>', 'pictures of each size', whole(1, 10_000), 8)
    .option('--many <n>', 'so many more of 0.75 megapixels, for the growth of memory', whole(0, 100_000), 0)
    .action((options) =>
      perform(async (c) => (await import('./verbs/bench-inference.ts')).benchInferenceVerb(c, options)),
    );
}
