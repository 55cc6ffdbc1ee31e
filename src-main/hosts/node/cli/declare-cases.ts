/** `cases` and `intake`: the commands and their options. */
import { Option, type Command } from 'commander';
import { caseStatus } from '#contract/case.ts';
import { addAnalysisOptions } from './analysis-choice.ts';
import { words } from './arguments.ts';
import type { Perform } from './perform.ts';

export function declareCases(program: Command, perform: Perform): void {
  const cases = program
    .command('cases')
    .description('list cases, show one, make or change one')
    .argument('[case]', 'id or name')
    .option('--create <name>', 'make a case of that name')
    .option('--name <name>', 'another name')
    .option('--number <number>', 'as the authority files it')
    .option('--examiner <name>', 'who examines it')
    .option('--notes <text>', 'notes, in place of those that are there')
    .option('--tags <tags>', 'words between commas, in place of those that are there', words)
    .addOption(
      new Option('--status <status>', 'only an open case takes evidence in').choices(caseStatus.options),
    )
    .option('--check', 'hash its evidence again')
    .option('--judge', 'judge its evidence, each item hashed again before')
    .option(
      '--analyse',
      'run the classical analyses on its evidence, each item hashed again before and after',
    )
    .option('--model <model>', 'with --judge: id or ONNX file (default: the current model)');
  addAnalysisOptions(cases, 'with --analyse: ').action((name, options) =>
    perform(async (c) => (await import('./verbs/cases.ts')).casesVerb(c, name, options)),
  );
  program
    .command('intake')
    .description('take pictures into a case as evidence')
    .argument('<path...>', 'folders or files')
    .requiredOption('--case <case>', 'id or name; it must be open')
    .option('--reference', 'leave the files where they are and keep only their hashes')
    .action((paths, options) =>
      perform(async (c) => (await import('./verbs/intake.ts')).intakeVerb(c, paths, options)),
    );
}
