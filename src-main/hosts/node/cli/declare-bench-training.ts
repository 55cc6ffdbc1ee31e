/** `bench training`: its options and help. */
import { Option, type Command } from 'commander';
import { backendName, providerName } from '#contract/training-run.ts';
import { whole } from './arguments.ts';
import type { Perform } from './perform.ts';

export function declareBenchTraining(bench: Command, perform: Perform): void {
  bench
    .command('training')
    .description('how fast this machine trains, on each backend that is ready, beside its matrix products')
    .option('--quick', 'only the recipe and the eight-convolution step, not how time grows')
    .addOption(
      new Option('--backend <name>', 'only this one').choices(
        backendName.options.filter((name) => name !== 'auto'),
      ),
    )
    .addOption(new Option('--provider <name>', "ONNX Runtime's: only this one").choices(providerName.options))
    .option('--seconds <s>', 'how long each case is measured on each backend', whole(1, 3600), 5)
    .option(
      '--threads <n>',
      "ONNX Runtime's threads (default: one a processor); leaves the other backends out",
      whole(1, 256),
    )
    .action((options) =>
      perform(async (c) => (await import('./verbs/bench-training.ts')).benchTrainingVerb(c, options)),
    );
}
