/** What several runs have in common and where they differ: what was asked for, how they were configured, what came out. */
import type { RunMetric, TrainingRun } from '#contract/training-run.ts';
import { formatCount, formatDuration, NONE } from './format.ts';
import { trainingText } from './text/training.ts';

export type ComparedField = { name: string; values: string[]; differs: boolean };

const shown = (value: unknown): string =>
  value === undefined || value === null
    ? NONE
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);

const field = (name: string, values: string[]): ComparedField => ({
  ...{ name, values },
  differs: new Set(values).size > 1,
});

/** The highest validation AUC of a run's points, as text. */
export function bestValidation(metrics: readonly RunMetric[]): string {
  const all = metrics.flatMap(({ validation }) => (validation ? [validation.auc] : []));
  return all.length === 0 ? trainingText.compare.noValidation : Math.max(...all).toFixed(3);
}

/** Fields of the runs, in this order: what came out, what was asked for, the effective configuration. */
export function comparedFields(
  runs: readonly TrainingRun[],
  metrics: readonly (readonly RunMetric[])[],
): { results: ComparedField[]; configuration: ComparedField[] } {
  const { facts, compare } = trainingText;
  const names = [...new Set(runs.flatMap((run) => Object.keys(run.config)))];
  const ask = ({ request }: TrainingRun): string =>
    Object.entries(request.stop)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ');
  return {
    results: [
      field(
        facts.step,
        runs.map((run) => formatCount(run.step)),
      ),
      field(
        facts.trained,
        runs.map((run) => formatDuration(run.trainedSeconds)),
      ),
      field(compare.validation, metrics.map(bestValidation)),
      field(
        facts.backend,
        runs.map(({ backend }) =>
          backend ? `${backend.name} · ${backend.provider} · ${backend.device}` : NONE,
        ),
      ),
      field(
        facts.program,
        runs.map((run) => run.programVersion),
      ),
    ],
    configuration: [
      field(
        trainingText.form.dataset,
        runs.map((run) => `${run.datasetName}${run.datasetVersion ? ` v${run.datasetVersion.number}` : ''}`),
      ),
      field(trainingText.form.until, runs.map(ask)),
      field(
        trainingText.form.seed,
        runs.map((run) => String(run.request.seed)),
      ),
      ...names.map((name) =>
        field(
          name,
          runs.map((run) => shown(run.config[name])),
        ),
      ),
    ],
  };
}
