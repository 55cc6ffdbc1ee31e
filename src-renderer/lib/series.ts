/** Turns a run's metrics into columns for a chart, thinned so that a long run stays as quick to draw as a short one. */
import type { RunMetric } from '#contract/training-run.ts';

export type MetricPick = (metric: RunMetric) => number;

/**
 * Columns `[steps, pick0, pick1, ...]` with at most `limit` points: where there are more metrics, each point is the
 * mean of an equal share of neighbours. Values that are not finite are left out of the mean, and are null where alone.
 */
export function metricColumns(
  metrics: readonly RunMetric[],
  picks: readonly MetricPick[],
  limit = 1200,
): [number[], ...(number | null)[][]] {
  const size = Math.max(1, Math.ceil(metrics.length / limit));
  const steps: number[] = [];
  const columns: (number | null)[][] = picks.map(() => []);
  for (let start = 0; start < metrics.length; start += size) {
    const group = metrics.slice(start, start + size);
    steps.push(group.at(-1)?.step ?? 0);
    picks.forEach((pick, column) => {
      const values = group.map(pick).filter(Number.isFinite);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      columns[column]?.push(values.length > 0 ? mean : null);
    });
  }
  return [steps, ...columns];
}

/** One value of several runs over all their steps: columns `[steps, run0, run1, ...]`, null where a run has no point. */
export function alignedColumns(
  runs: readonly (readonly RunMetric[])[],
  pick: MetricPick,
  limit = 600,
): [number[], ...(number | null)[][]] {
  const thinned = runs.map((metrics) => metricColumns(metrics, [pick], limit));
  const steps = [...new Set(thinned.flatMap(([own]) => own))].sort((a, b) => a - b);
  const columns = thinned.map(([own, values = []]) => {
    const at = new Map(own.map((step, i) => [step, values[i] ?? null]));
    return steps.map((step) => at.get(step) ?? null);
  });
  return [steps, ...columns];
}
