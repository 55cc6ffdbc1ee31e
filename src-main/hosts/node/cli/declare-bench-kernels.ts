/** `bench kernels`: the command and its options. */
import type { Command } from 'commander';
import { kernelCounts, seed, whole } from './arguments.ts';
import type { Perform } from './perform.ts';

export function declareBenchKernels(bench: Command, perform: Perform): void {
  bench
    .command('kernels')
    .description('whether the masks stay sound with one kernel, two, four and eight')
    .requiredOption('--photographs <dir>', 'folder of real photographs to train on')
    .option('--counts <k>', 'numbers of kernels', kernelCounts, [1, 2, 4, 8])
    .option('--steps <n>', 'detector steps of each training', whole(1, 1_000_000), 300)
    .option('--seed <s>', 'decides everything that is drawn', seed, 0)
    .option('--threads <n>', 'threads of training', whole(1, 256), 1)
    .action((options) =>
      perform(async (c) => (await import('./verbs/bench-kernels.ts')).benchKernelsVerb(c, options)),
    );
}
