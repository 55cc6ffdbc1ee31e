/** `bench`: the project's benchmarks, one command each. */
import { Option, type Command } from 'commander';
import { AppError } from '#contract/errors.ts';
import { providerName } from '#contract/training-run.ts';
import { seeds, whole, words } from './arguments.ts';
import { declareBenchAnalysis } from './declare-bench-analysis.ts';
import { declareBenchInference } from './declare-bench-inference.ts';
import { declareBenchKernels } from './declare-bench-kernels.ts';
import { declareBenchStore } from './declare-bench-store.ts';
import { declareBenchTraining } from './declare-bench-training.ts';
import { declareBenchUi } from './declare-bench-ui.ts';
import type { Perform } from './perform.ts';

export function declareBench(program: Command, perform: Perform): void {
  const bench = program
    .command('bench')
    .description("the project's benchmarks")
    .action(() => {
      const names = bench.commands.map((command) => command.name()).join(', ');
      throw new AppError('invalid_input', 'Name a benchmark.', { hint: `There is: ${names}.` });
    });
  bench
    .command('method')
    .description(
      'what each part of the method is worth, measured on photographs; goes on where it was interrupted',
    )
    .option('--rows <names>', 'rows, e.g. a,c,f (default: all)', words)
    .option('--seeds <seeds>', 'each row is trained once a seed (default: 0,1)', seeds)
    .option('--steps <n>', 'detector steps of every row', whole(1, 10_000_000), 1100)
    .option('--crop <pixels>', 'side of a crop', whole(64, 256))
    .option('--data <dir>', 'folder of pictures (default: ../shared/data beside the checkout)')
    .addOption(
      new Option('--photographs <choice>', 'which real photographs are trained on')
        .choices(['bsds500', 'broad'])
        .default('bsds500'),
    )
    .addOption(
      new Option('--provider <name>', "ONNX Runtime's provider").choices(providerName.options).default('cpu'),
    )
    .option('--threads <n>', 'threads of training and judging', whole(1, 256), 1)
    .option('--work <dir>', 'where checkpoints and models are kept (default: in the workspace folder)')
    .option('--variant-config <file>', 'JSON file with further rows: {name, title, overrides}')
    .addOption(
      new Option('--with <fields>', 'a further row: field=value,... of the training').conflicts(
        'variantConfig',
      ),
    )
    .option('--name <name>', 'what the row of --with is called')
    .option('--again', 'measure rows once more that are there already')
    .addOption(
      new Option('--stored', 'print what was measured, and run nothing').conflicts([
        'again',
        'with',
        'variantConfig',
      ]),
    )
    .option('--measurements <file>', 'where rows are kept (default: resources/validation/method.json)')
    .action((options) =>
      perform(async (c) => (await import('./verbs/bench.ts')).benchMethodVerb(c, options)),
    );
  declareBenchAnalysis(bench, perform);
  declareBenchInference(bench, perform);
  declareBenchKernels(bench, perform);
  declareBenchStore(bench, perform);
  declareBenchTraining(bench, perform);
  declareBenchUi(bench, perform);
}
