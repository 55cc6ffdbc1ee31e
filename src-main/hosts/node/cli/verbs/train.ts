/** `train --dataset NAME`, `train --resume RUN`: a training run, with live losses; NDJSON in JSON mode. */
import { readFile } from 'node:fs/promises';
import { AppError } from '#contract/errors.ts';
import {
  concernsWarning,
  stopCondition,
  type BackendName,
  type ProviderName,
  type RunEvent,
  type StopCondition,
  type TrainingRun,
} from '#contract/training-run.ts';
import { followRun } from '#features/training/follow-run.ts';
import { withApp, type Context, type OpenApp } from '../context.ts';
import { duration } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';
import { metricText } from '../metric-text.ts';

export interface TrainOptions {
  dataset?: string;
  config?: string;
  steps?: number;
  minutes?: number;
  untilLoss?: number;
  patience?: number;
  backend?: BackendName;
  provider?: ProviderName;
  seed?: number;
  resume?: string;
}

/** What cannot be given again when a run is resumed, as it is written. */
const fixedOptions = {
  dataset: '--dataset',
  config: '--config',
  steps: '--steps',
  minutes: '--minutes',
  untilLoss: '--until-loss',
  patience: '--patience',
  backend: '--backend',
  provider: '--provider',
  seed: '--seed',
} as const satisfies Partial<Record<keyof TrainOptions, string>>;

/** Detector steps where the person names no end: those that the method was measured with. */
const defaultSteps = 1100;
/** Where no terminal shows the live line, a person gets a line this often. */
const noteEveryMs = 15_000;

async function readConfig(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw AppError.from(cause);
  });
  const hint = 'The file holds one JSON object whose fields are settings of the training.';
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch (cause) {
    throw new AppError('invalid_input', `${file} is not JSON: ${(cause as Error).message}.`, { cause, hint });
  }
  throw new AppError('invalid_input', `${file} holds no JSON object.`, { hint });
}

/**
 * Settings of the training, and the conditions under `stop` that end it. An option replaces the same condition of the file;
 * whichever of all is met first ends the run.
 */
async function readRequest(options: TrainOptions): Promise<{
  stop: StopCondition;
  overrides: Record<string, unknown>;
}> {
  const { config, steps, minutes, untilLoss: lossBelow, patience } = options;
  const { stop: inFile, ...overrides } = config === undefined ? {} : await readConfig(config);
  const given = Object.entries({ steps, minutes, lossBelow, patience }).filter(
    ([, value]) => value !== undefined,
  );
  if (inFile === undefined && given.length === 0) return { stop: { steps: defaultSteps }, overrides };
  const asked: object = typeof inFile === 'object' && inFile !== null ? inFile : {};
  const read = stopCondition.safeParse({ ...asked, ...Object.fromEntries(given) });
  if (read.success && (inFile === undefined || asked === inFile)) return { stop: read.data, overrides };
  const issue = read.error?.issues[0];
  const what = issue ? [...issue.path, issue.message].join(': ') : 'it must be an object';
  throw new AppError('invalid_input', `${config}: "stop" cannot be used: ${what}.`, {
    hint: 'It may hold steps, minutes, lossBelow and patience.',
  });
}

async function start({ handlers }: OpenApp, options: TrainOptions): Promise<TrainingRun> {
  const { dataset, resume } = options;
  if (resume !== undefined) {
    const given = Object.entries(fixedOptions).find(
      ([name]) => options[name as keyof TrainOptions] !== undefined,
    );
    if (given)
      throw new AppError('invalid_input', `${given[1]} cannot be changed when a run is resumed.`, {
        hint: 'Leave it out, or start a new run.',
      });
    return (await handlers.runs.resume({ id: resume })) as TrainingRun;
  }
  if (dataset === undefined)
    throw new AppError('invalid_input', 'Name what to train on with --dataset, or a run with --resume.');
  return (await handlers.runs.start({
    dataset,
    ...(await readRequest(options)),
    seed: options.seed ?? 0,
    backend: options.backend ?? 'auto',
    ...(options.provider ? { provider: options.provider } : {}),
  })) as TrainingRun;
}

export function trainVerb(context: Context, options: TrainOptions): Promise<ExitStatus> {
  const { out, signal } = context;
  return withApp(context, async (app) => {
    const started = await start(app, options);
    out.note(`Run ${started.id} on ${started.datasetName}.`);
    let noted = Date.now();
    const changed = (event: RunEvent): void => {
      if (event.type === 'metric') {
        const { step, losses, imagesPerSecond, dataWaitShare, etaSeconds, validation } = event.metric;
        out.emit({
          event: 'progress',
          step,
          losses: {
            cls: losses.cls,
            sim: losses.sim,
            div: losses.div,
            total_generator: losses.totalGenerator,
            total_detector: losses.totalDetector,
          },
          images_per_second: imagesPerSecond,
          data_wait_share: dataWaitShare,
          eta_seconds: etaSeconds,
        });
        if (validation) out.emit({ event: 'evaluation', ...validation });
        out.status(metricText(event.metric));
        if (!process.stderr.isTTY && Date.now() - noted >= noteEveryMs) {
          noted = Date.now();
          out.note(metricText(event.metric));
        }
      } else if (event.type === 'checkpoint') {
        out.emit({ event: 'checkpoint', step: event.step, path: event.path });
      } else if (event.type === 'log' && concernsWarning(event.entry)) {
        out.emit({ event: 'warning', code: event.entry.code, message: event.entry.message });
        out.note(`${event.entry.code}: ${event.entry.message}`);
      }
    };
    const run = await followRun(app.handlers.runs, started.id, { signal, changed });
    const facts = {
      run: run.id,
      step: run.step,
      trained_seconds: run.trainedSeconds,
      backend: run.backend,
      checkpoint_step: run.checkpointStep,
    };
    if (run.state === 'done') {
      out.emit({ event: 'done', ...facts, model: run.modelId });
      out.print(
        `Run ${run.id} is done: ${run.step} detector steps in ${duration(run.trainedSeconds)}; model ${run.modelId}.`,
      );
      return exitStatus.done;
    }
    const error = run.error && { code: run.error.code, message: run.error.message, hint: run.error.hint };
    out.emit({ event: run.state === 'failed' ? 'failed' : 'interrupted', ...facts, error });
    if (error) out.note(`${error.code}: ${error.message}\n${error.hint}`);
    if (run.state !== 'failed')
      out.print(
        `Run ${run.id} was interrupted at step ${run.step}; \`pentimento train --resume ${run.id}\` goes on.`,
      );
    return exitStatus.failed;
  });
}
