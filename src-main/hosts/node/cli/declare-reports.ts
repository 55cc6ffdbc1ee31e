/** `report` and `review`: the commands and their options. */
import { Option, type Command } from 'commander';
import { verdictLabel } from '#contract/detection.ts';
import { words } from './arguments.ts';
import type { Perform } from './perform.ts';

export function declareReports(program: Command, perform: Perform): void {
  program
    .command('report')
    .description('write a report of a case, or of a picture that was judged by itself')
    .argument('[case]', 'id or name')
    .requiredOption('--out <file>', 'the file to write; a name that ends in .pdf gives PDF, any other HTML')
    .option('--items <ids>', 'these pictures of the case, by their ids between commas', words)
    .option('--verdict <id>', 'in place of a case: the verdict on a picture that is in none')
    .action((name, options) =>
      perform(async (c) => (await import('./verbs/report.ts')).reportVerb(c, name, options)),
    );
  program
    .command('review')
    .description("show the examiners' reviews of a picture, record one, or open one that is sealed")
    .argument('<item>', 'the id of an item of evidence')
    .addOption(
      new Option(
        '--verdict <verdict>',
        'record this conclusion under the name of the examiner who works here',
      )
        .choices(verdictLabel.options)
        .conflicts('open'),
    )
    .option('--reasons <text>', 'with --verdict: why')
    .option('--open <reason>', 'open a sealed review without a second one, for this reason')
    .action((item, options) =>
      perform(async (c) => (await import('./verbs/review.ts')).reviewVerb(c, item, options)),
    );
}
