/** `runs [RUN] [--stop]`: lists, shows or stops runs. */
import { AppError } from '#contract/errors.ts';
import type { RunLogEntry, TrainingRun } from '#contract/training-run.ts';
import { withApp, type Context } from '../context.ts';
import { duration, snakeCase, table, when } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';
import { metricText } from '../metric-text.ts';

export function runsVerb(
  context: Context,
  id: string | undefined,
  { stop = false }: { stop?: boolean },
): Promise<ExitStatus> {
  const { out } = context;
  if (stop && id === undefined) throw new AppError('invalid_input', 'Name the run to stop: runs RUN --stop.');
  return withApp(context, async ({ handlers }) => {
    if (id === undefined) {
      const runs = (await handlers.runs.list({})) as TrainingRun[];
      out.emit({ runs: runs.map(snakeCase) });
      if (runs.length === 0) out.print('This workspace has no run yet.');
      else
        out.print(
          table(
            ['run', 'dataset', 'state', 'step', 'trained', 'created', 'model'],
            runs.map((run) => [
              run.id,
              run.datasetName,
              run.state,
              run.step,
              duration(run.trainedSeconds),
              when(run.createdAt),
              run.modelId ?? '',
            ]),
          ),
        );
      return exitStatus.done;
    }
    const run = (await (stop ? handlers.runs.stop({ id }) : handlers.runs.get({ id }))) as TrainingRun;
    const log: RunLogEntry[] = await handlers.runs.log({ id });
    out.emit({ ...(snakeCase(run) as object), log });
    out.print(`${run.id}: ${run.state}, step ${run.step}, ${duration(run.trainedSeconds)} trained`);
    out.print(
      `dataset ${run.datasetName}${run.rendered ? ' (rendered scenes)' : ''}, created ${when(run.createdAt)}`,
    );
    if (run.backend)
      out.print(`backend ${run.backend.name} (${run.backend.provider}) on ${run.backend.device}`);
    if (run.latest) out.print(metricText(run.latest));
    if (run.modelId) out.print(`model ${run.modelId}`);
    if (run.error) out.print(`${run.error.code}: ${run.error.message}\n${run.error.hint}`);
    for (const entry of log) out.print(`${when(entry.at)}  ${entry.level}  ${entry.message}`);
    return exitStatus.done;
  });
}
