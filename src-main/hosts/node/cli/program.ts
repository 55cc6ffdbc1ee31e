/** The verbs of the command line: their arguments, options and help. What a verb does stands in `verbs/`. */
import { resolve } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { addAnalysisOptions } from './analysis-choice.ts';
import { datasetLabel, groupBy, split } from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import { listKind } from '#contract/imported-list.ts';
import { stabilityWhen } from '#contract/stability.ts';
import { backendName, providerName } from '#contract/training-run.ts';
import { defaultDataDir } from '../../default-data-dir.ts';
import { programVersion } from '../../program-files.ts';
import { conditions, lossBound, minutes, seed, versionRange, whole, words } from './arguments.ts';
import { declareBench } from './declare-bench.ts';
import { declareBundles } from './declare-bundles.ts';
import { declareCases } from './declare-cases.ts';
import { declareTimeStamps } from './declare-time-stamps.ts';
import { declareReports } from './declare-reports.ts';
import { declareTriage } from './declare-triage.ts';
import { listenForInterrupt } from './interrupt.ts';
import { exitStatus, Output, type ExitStatus } from './output.ts';
import type { Perform } from './perform.ts';

/** Declares all verbs; `perform` runs the chosen one. Each verb's code is loaded only when it is called. */
function declare(perform: Perform): Command {
  const program = new Command('pentimento')
    .description('Trains and runs a detector of simulated images, locally.')
    .version(programVersion)
    .option('--data-dir <dir>', 'the workspace folder (default: the place for application data)')
    .option('--json', 'print JSON on stdout, and nothing else there')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();

  program
    .command('demo')
    .description('the main job, end to end, in a new workspace')
    .option('--real <dir>', 'folder of photographs (default: scenes that the program renders)')
    .option('--minutes <m>', 'minutes of training', minutes, 10)
    .option('--seed <s>', 'decides everything that is drawn', seed, 0)
    .option('--scenes <n>', 'scenes to render where no folder is named', whole(10, 2000), 160)
    .action((options) => perform(async (c) => (await import('./verbs/demo.ts')).demoVerb(c, options)));
  program
    .command('import')
    .description('add pictures to a dataset')
    .argument('[path...]', 'folders or files')
    .option('--dataset <name>', 'the dataset; made where there is none of that name')
    .addOption(new Option('--label <label>', 'what the pictures are').choices(datasetLabel.options))
    .option('--masks <dir>', 'folder of masks with the same names, white = forged')
    .option('--category <tag>', 'a word for the kind of pictures')
    .option('--licence <text>', 'their licence or terms of use')
    .addOption(
      new Option(
        '--group-by <what>',
        'what stands on one side of a split together (default: picture)',
      ).choices(groupBy.options),
    )
    .addOption(
      new Option(
        '--manifest <file>',
        'instead of folders, CSV: path,label[,mask][,category][,group][,split][,licence]',
      ).conflicts(['workspace', 'masks', 'category', 'licence', 'groupBy']),
    )
    .addOption(
      new Option('--workspace <dir>', 'instead of folders, another workspace, which is only read').conflicts([
        'masks',
        'category',
        'licence',
        'groupBy',
      ]),
    )
    .option('--from <name>', 'the dataset of the other workspace')
    .option('--allow-evidence <reason>', 'take evidence of cases in all the same; the reason is recorded')
    .action((paths, options) =>
      perform(async (c) => (await import('./verbs/import.ts')).importVerb(c, paths, options)),
    );
  program
    .command('datasets')
    .description('list, show, check or change datasets')
    .argument('[name]', 'one dataset')
    .option('--check', 'look for leaks between splits, bias and near duplicates')
    .option('--apply <code:n>', 'apply a remedy that the check lists')
    .option(
      '--where <conditions>',
      'the pictures to change: label=,split=,category=,group= between commas',
      conditions(['label', 'split', 'category', 'group']),
    )
    .option('--items <ids>', 'the pictures to change, by their ids between commas', words)
    .option('--all', 'all pictures are changed')
    .addOption(new Option('--label <label>', 'label them').choices(datasetLabel.options))
    .option('--category <tag>', 'give them a category; "" takes it away')
    .option('--licence <text>', 'note their licence; "" takes it away')
    .option('--group <name>', 'join them to a group; "" gives each one of its own')
    .addOption(new Option('--split <split>', 'move them, with what belongs to them').choices(split.options))
    .option('--masks <dir>', 'give them masks with the same names')
    .option('--drop-masks', 'take their masks away')
    .option('--allow-evidence <reason>', 'say why evidence of a case may stand here')
    .option('--remove', 'remove them')
    .option('--undo', 'take the last change back')
    .option('--redo', 'make the change again that was undone last')
    .option('--history', 'what was done and undone')
    .option('--versions', 'the versions that runs used')
    .option(
      '--compare <versions>',
      'what changed between two versions (1..2), or since one (1)',
      versionRange,
    )
    .option(
      '--export <place>',
      'write pictures, masks and a list that `import --manifest` reads back, as a folder or FILE.zip',
    )
    .option('--at <version>', 'the version to export; as it is now where absent', whole(1, 1_000_000))
    .action((name, options) =>
      perform(async (c) => (await import('./verbs/datasets.ts')).datasetsVerb(c, name, options)),
    );
  declareCases(program, perform);
  declareBundles(program, perform);
  program
    .command('train')
    .description('train a detector')
    .option('--dataset <name>', 'what to train on')
    .option(
      '--config <file>',
      'JSON file with settings of the training; its "stop" may hold the conditions below',
    )
    .addOption(
      new Option('--steps <n>', 'detector steps').argParser(whole(1, 10_000_000)).conflicts('minutes'),
    )
    .option('--minutes <m>', 'minutes of training', minutes)
    .option('--until-loss <value>', "end when the detector's averaged total loss lies below it", lossBound)
    .option(
      '--patience <n>',
      'end after so many evaluations without a lower validation loss, and export the best detector',
      whole(1, 10_000),
    )
    .addOption(new Option('--backend <name>', 'where it runs').choices(backendName.options))
    .addOption(new Option('--provider <name>', "ONNX Runtime's provider").choices(providerName.options))
    .option('--seed <s>', 'decides everything that is drawn', seed)
    .option('--cache-mb <n>', 'memory for decoded photographs (default: 2048)', whole(1, 1_048_576))
    .option(
      '--despite-findings <reason>',
      'train although the check of the dataset forbids it; the reason is recorded',
    )
    .option('--resume <run>', 'go on with an interrupted run')
    .action((options) => perform(async (c) => (await import('./verbs/train.ts')).trainVerb(c, options)));
  program
    .command('runs')
    .description('list, show or stop runs')
    .argument('[run]', 'one run')
    .option('--stop', 'stop it at a safe point')
    .action((run, options) =>
      perform(async (c) => (await import('./verbs/runs.ts')).runsVerb(c, run, options)),
    );
  program
    .command('export')
    .description("write a run's trained detector, with its passport")
    .argument('<run>', 'the run, or a model')
    .option('--out <file>', 'the ONNX file to write')
    .addOption(
      new Option(
        '--triton <dir>',
        'instead, a model repository of NVIDIA Triton, or a version in one',
      ).conflicts('out'),
    )
    .action((run, options) =>
      perform(async (c) => (await import('./verbs/models.ts')).exportVerb(c, run, options)),
    );
  program
    .command('models')
    .description('list, show, import or choose models')
    .argument('[id]', 'one model')
    .addOption(new Option('--import <file>', 'take in an ONNX file').conflicts('use'))
    .option('--use <id>', 'make it the one that detection uses')
    .action((id, options) =>
      perform(async (c) => (await import('./verbs/models.ts')).modelsVerb(c, id, options)),
    );
  program
    .command('detect')
    .description('judge pictures')
    .argument('<path...>', 'pictures or folders')
    .option('--model <model>', 'id or ONNX file (default: the current model)')
    .option('--maps <dir>', 'write the maps there')
    .addOption(
      new Option(
        '--stability <when>',
        'judge pictures anew after small changes: those with a verdict, always or never (default: as the settings say)',
      ).choices(stabilityWhen.options),
    )
    .action((paths, options) =>
      perform(async (c) => (await import('./verbs/detect.ts')).detectVerb(c, paths, options)),
    );
  const analyse = program
    .command('analyse')
    .description('run the classical analyses on a picture')
    .argument('<path>', 'the picture')
    .requiredOption('--out <dir>', 'write findings as JSON and maps as PNG there');
  addAnalysisOptions(analyse).action((path, options) =>
    perform(async (c) => (await import('./verbs/analyse.ts')).analyseVerb(c, path, options)),
  );
  program
    .command('lists')
    .description('lists of known files, and of certificates that signers of credentials are judged by')
    .option('--import <file>', 'take one in: CSV with columns of hashes, one hash a line, or PEM')
    .addOption(new Option('--kind <kind>', 'with --import').choices(listKind.options).default('hashes'))
    .option('--name <name>', 'with --import: what results call it')
    .option('--date <date>', 'with --import: when it was issued, as 2026-11-25')
    .option('--remove <name>', 'later analyses do not ask it any more')
    .action((options) => perform(async (c) => (await import('./verbs/lists.ts')).listsVerb(c, options)));
  declareTriage(program, perform);
  program
    .command('evaluate')
    .description('measure a model on labelled pictures')
    .requiredOption('--manifest <file>', 'CSV: path,label[,mask][,category][,group][,source]')
    .option('--model <model>', 'id or ONNX file (default: the current model)')
    .option('--compare <model>', 'another model, judged on the same pictures')
    .option('--robustness', 'judge every picture also saved again, scaled, cut, blurred and with noise')
    .option('--seed <s>', 'decides the draws of the intervals', seed, 0)
    .action((options) =>
      perform(async (c) => (await import('./verbs/evaluate.ts')).evaluateVerb(c, options)),
    );
  program
    .command('verify')
    .description('check a report, a case bundle, or the whole workspace, against its hashes')
    .argument(
      '[file]',
      'a report or a case bundle; a workspace named with --data-dir is compared with a report',
    )
    .option('--workspace', 'the workspace of --data-dir')
    .action((file, { workspace }) => {
      if ((file === undefined) === (workspace === undefined))
        throw new AppError('invalid_input', 'Name a file, or --workspace.');
      return perform(async (c) =>
        file === undefined
          ? (await import('./verbs/verify.ts')).verifyWorkspaceVerb(c)
          : (await import('./verbs/verify-file.ts')).verifyFileVerb(c, file),
      );
    });
  declareTimeStamps(program, perform);
  const backup = program.command('backup').description("copies of the workspace's database");
  backup
    .command('create')
    .description('make one now')
    .action(() => perform(async (c) => (await import('./verbs/backup.ts')).createBackupVerb(c)));
  backup
    .command('list')
    .description('list them, newest first')
    .action(() => perform(async (c) => (await import('./verbs/backup.ts')).listBackupsVerb(c)));
  backup
    .command('restore')
    .description('make a workspace from one, in another folder')
    .argument('<name>', 'as `backup list` names it')
    .requiredOption('--to <dir>', 'an empty or new folder')
    .action((name, options) =>
      perform(async (c) => (await import('./verbs/backup.ts')).restoreBackupVerb(c, name, options)),
    );
  program
    .command('storage')
    .description('where the stored files lie, and which of them nothing refers to')
    .option('--collect', 'remove those; shows only what it would remove without --yes')
    .option('--yes', 'really remove it')
    .addOption(
      new Option(
        '--move <dir>',
        'move all files into a new or empty folder, e.g. on a larger disk',
      ).conflicts(['collect', 'moveBack', 'foundAt']),
    )
    .addOption(
      new Option('--move-back', "move them back into the workspace's own folder").conflicts([
        'collect',
        'foundAt',
      ]),
    )
    .option('--found-at <dir>', 'the folder to which they were moved lies here now')
    .action((options) => perform(async (c) => (await import('./verbs/storage.ts')).storageVerb(c, options)));
  program
    .command('settings')
    .description('what this workspace keeps, for how long, and within which limits')
    .option('--set <name=value...>', 'change settings; each change is recorded')
    .action((options) =>
      perform(async (c) => (await import('./verbs/settings.ts')).settingsVerb(c, options)),
    );
  program
    .command('serve')
    .description('the headless workbench on 127.0.0.1')
    .option('--port <p>', 'port; 0 takes any free one', whole(0, 65_535), 0)
    .option('--open', 'open a browser where there is a display')
    .action((options) => perform(async (c) => (await import('./verbs/serve.ts')).serveVerb(c, options)));
  program
    .command('doctor')
    .description('what this machine offers, and why not what is absent')
    .option('--collect <file>', 'write diagnostics without any evidence to a new zip file')
    .action((options) => perform(async (c) => (await import('./verbs/doctor.ts')).doctorVerb(c, options)));
  declareReports(program, perform);
  declareBench(program, perform);
  return program;
}

/** A command and all commands below it. */
const withSubcommands = (command: Command): Command[] => [
  command,
  ...command.commands.flatMap(withSubcommands),
];

/** A word of commander's about wrong arguments, as this program says it. */
const usage = (error: CommanderError): AppError =>
  new AppError('invalid_input', error.message.replace(/^error: /, ''), {
    hint: 'See `pentimento help`, or `pentimento help <verb>`.',
  });

/** Runs the program; answers with its exit status. `args` without the program's name. */
export async function runCommandLine(args: readonly string[]): Promise<ExitStatus> {
  const beforeDashes = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  const out = new Output(beforeDashes.includes('--json'));
  let status: ExitStatus = exitStatus.done;
  const program = declare(async (verb) => {
    const { dataDir } = program.opts<{ dataDir?: string }>();
    const interrupt = listenForInterrupt((text) => out.note(text));
    try {
      status = await verb({
        out,
        dataDir: resolve(dataDir ?? defaultDataDir()),
        dataDirNamed: dataDir !== undefined,
        signal: interrupt.signal,
      });
    } finally {
      interrupt.dispose();
      out.end();
    }
  });
  // Errors are told below, once and in one shape.
  for (const command of withSubcommands(program))
    command.exitOverride().configureOutput({ writeErr: () => undefined });
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (cause) {
    if (cause instanceof CommanderError) {
      if (cause.exitCode === 0) return exitStatus.done;
      if (cause.code === 'commander.help') out.note(program.helpInformation());
      out.fail(
        cause.code === 'commander.help' ? new AppError('invalid_input', 'Name a verb.') : usage(cause),
      );
      return exitStatus.usage;
    }
    const error = AppError.from(cause);
    out.fail(error);
    return error.code === 'invalid_input' ? exitStatus.usage : exitStatus.failed;
  }
}
