/** `train --dataset NAME`, `train --resume RUN`: a training run, with live losses; NDJSON in JSON mode. */
import { AppError } from '#contract/errors.ts';
import {
  concernsWarning,
  type BackendName,
  type ProviderName,
  type RunEvent,
  type TrainingRun,
} from '#contract/training-run.ts';
import { followRun } from '#features/training/follow-run.ts';
import { withApp, type Context, type OpenApp } from '../context.ts';
import { duration } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';
import { metricText } from '../metric-text.ts';
import { trainingRequest, type ConditionOptions } from '../training-request.ts';

export interface TrainOptions extends ConditionOptions {
  dataset?: string;
  backend?: BackendName;
  provider?: ProviderName;
  seed?: number;
  cacheMb?: number;
  resume?: string;
  despiteFindings?: string;
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
  despiteFindings: '--despite-findings',
  cacheMb: '--cache-mb',
} as const satisfies Partial<Record<keyof TrainOptions, string>>;

/** Where no terminal shows the live line, a person gets a line this often. */
const noteEveryMs = 15_000;

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
    ...(await trainingRequest(options)),
    seed: options.seed ?? 0,
    backend: options.backend ?? 'auto',
    ...(options.provider ? { provider: options.provider } : {}),
    ...(options.despiteFindings === undefined ? {} : { despiteFindings: options.despiteFindings }),
    ...(options.cacheMb ? { cacheMegabytes: options.cacheMb } : {}),
  })) as TrainingRun;
}

export function trainVerb(context: Context, options: TrainOptions): Promise<ExitStatus> {
  const { out, signal } = context;
  return withApp(context, async (app) => {
    const started = await start(app, options);
    const version = started.datasetVersion ? `, version ${started.datasetVersion.number}` : '';
    out.note(`Run ${started.id} on ${started.datasetName}${version}.`);
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
