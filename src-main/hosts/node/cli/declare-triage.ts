/** `triage` and `worker`: their options and help. */
import { hostname } from 'node:os';
import { Option, type Command } from 'commander';
import { AppError } from '#contract/errors.ts';
import { stabilityWhen } from '#contract/stability.ts';
import { whole } from './arguments.ts';
import type { Perform } from './perform.ts';

/** `DIR=N`; the last equals sign counts. */
function priorityOf(text: string, before: Record<string, number> = {}): Record<string, number> {
  const at = text.lastIndexOf('=');
  const value = Number(text.slice(at + 1));
  if (at < 1 || !Number.isInteger(value) || Math.abs(value) > 1000)
    throw new AppError('invalid_input', `--priority wants DIR=N, with a whole N up to 1000, not "${text}".`);
  return { ...before, [text.slice(0, at)]: value };
}

export function declareTriage(program: Command, perform: Perform): void {
  program
    .command('triage')
    .description('judge folders of any size by their scores, and sort them; goes on where it was interrupted')
    .argument('[path...]', 'folders or files')
    .option('--model <model>', 'id or ONNX file (default: the current model)')
    .option('--title <text>', 'what the run is called')
    .option('--priority <dir=n>', 'of a folder among those named; higher ones come first', priorityOf)
    .option('--rules <file>', 'JSON: [{pile, verdict, scoreFrom, scoreTo, category, camera, takenFrom, ...}]')
    .addOption(
      new Option(
        '--stability <when>',
        'judge pictures anew after small changes: those with a verdict, always or never, which a verdict then says (default: never)',
      )
        .choices(stabilityWhen.options)
        .conflicts(['resume', 'list']),
    )
    .option('--export <file>', 'write results and failures as CSV or JSON, by the name of the file')
    .option(
      '--queue <address>',
      'let `pentimento worker` on other machines judge, over Redis at redis://HOST:PORT/DB',
    )
    .option('--resume <run>', 'go on with what waits')
    .addOption(new Option('--retry', 'with --resume: judge the failures again'))
    .addOption(new Option('--list', 'list the runs').conflicts(['resume', 'export', 'rules', 'queue']))
    .action((paths, options) =>
      perform(async (c) => (await import('./verbs/triage.ts')).triageVerb(c, paths, options)),
    );
  program
    .command('worker')
    .description('judge pictures for `triage --queue` of another machine; opens no workspace')
    .argument(
      '<folder...>',
      'shared folders that hold the pictures: DIR, or THERE=HERE where they lie elsewhere here',
    )
    .requiredOption('--queue <address>', 'redis://HOST:PORT/DB')
    .requiredOption('--model <file>', 'the ONNX file of the run')
    .option('--name <text>', 'stands beside each result', hostname())
    .option(
      '--lease <seconds>',
      'how long a picture is left to a worker that says nothing',
      whole(1, 3600),
      30,
    )
    .action((folders, options) =>
      perform(async (c) => (await import('./verbs/worker.ts')).workerVerb(c, folders, options)),
    );
}
