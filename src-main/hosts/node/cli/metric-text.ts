/** How a training run goes, in words. */
import type { RunMetric } from '#contract/training-run.ts';
import { duration } from './format.ts';

/** Waiting for data from this share of the time on is told. */
const LONG_WAIT = 0.05;

/** One line on how the training goes. */
export function metricText(metric: RunMetric): string {
  const { step, losses, accuracy, imagesPerSecond, dataWaitShare, etaSeconds, validation } = metric;
  const waited = dataWaitShare < LONG_WAIT ? '' : ` (waits for data ${Math.round(100 * dataWaitShare)} %)`;
  const left = etaSeconds === null ? '' : `, ${duration(etaSeconds)} left`;
  const judged = validation ? `, validation AUC ${validation.auc.toFixed(2)}` : '';
  return (
    `step ${step}: cls ${losses.cls.toFixed(3)}, sim ${losses.sim.toFixed(3)}, div ${losses.div.toFixed(3)}, ` +
    `accuracy ${accuracy.toFixed(2)}, ${imagesPerSecond.toFixed(0)} images/s${waited}${judged}${left}`
  );
}
