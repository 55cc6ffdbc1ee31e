/** The figures of a trial: AUC for each operation, lossless and saved again, with 95 % intervals over photographs. */
import { bootstrapInterval, take, type Interval } from '#engine/evaluation/bootstrap.ts';
import { forgeryOperations, type ForgeryOperation } from '#engine/evaluation/forgeries.ts';
import { addCounts, mapAuc, type MapCounts } from '#engine/evaluation/map-agreement.ts';
import { auc } from '#engine/evaluation/metrics.ts';
import type { Random } from '#engine/random.ts';
import type { TrialCrops, TrialResult, TrialScores } from './forgery-trial.ts';

/** An estimate with its 95 % interval; null where it is not defined. */
export interface Estimate {
  value: number | null;
  interval: Interval | null;
}
export interface OperationFigures {
  name: ForgeryOperation;
  lossless: Estimate;
  resaved: Estimate;
  /** Forged crops; there are as many untouched ones. */
  count: number;
}
export interface TrialReport {
  operations: OperationFigures[];
  /** Means of the operations' AUCs: over the five main ones, and over all six. */
  means: Record<'main' | 'all', { lossless: Estimate; resaved: Estimate }>;
  /** AUC of the map's cells inside the masks against those outside, over all forged crops. */
  pixel: { lossless: Estimate; resaved: Estimate };
  photographs: number;
}

/** The operations that the mean is stated for; the local median stands beside them. */
export const mainOperations: readonly ForgeryOperation[] = forgeryOperations.filter(
  (name) => name !== 'local-median',
);
const draws = 500;

/** AUC of one operation over the hosts at `indices`: their untouched crops against their forged ones. */
function aucOf(scores: TrialScores, name: ForgeryOperation, indices: Int32Array): number | null {
  const values = [...take(scores.untouched, indices), ...take(scores.forged[name], indices)];
  return auc(
    values,
    values.map((_, i) => (i < indices.length ? 0 : 1)),
  );
}

function meanOf(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null);
  return defined.length === values.length && values.length > 0
    ? defined.reduce((sum, value) => sum + value, 0) / values.length
    : null;
}

/** Works the figures out. Intervals draw whole photographs again, because crops of one are not independent. */
export function reportTrial(
  crops: TrialCrops,
  { lossless, resaved, maps }: TrialResult,
  random: Random,
): TrialReport {
  const hosts = crops.untouched.length;
  const everyHost = Int32Array.from({ length: hosts }, (_, i) => i);
  const labels = new Uint8Array(hosts);
  const estimate = (name: string, measure: (indices: Int32Array) => number | null): Estimate => ({
    value: measure(everyHost),
    interval: bootstrapInterval(labels, measure, {
      random: random.fork(name),
      draws,
      groups: crops.photographs,
    }),
  });
  const both = (name: string, operations: readonly ForgeryOperation[]) => ({
    lossless: estimate(`${name} lossless`, (hosts) =>
      meanOf(operations.map((op) => aucOf(lossless, op, hosts))),
    ),
    resaved: estimate(`${name} resaved`, (hosts) =>
      meanOf(operations.map((op) => aucOf(resaved, op, hosts))),
    ),
  });
  const pixels = (name: string, counts: readonly MapCounts[]): Estimate =>
    estimate(name, (hosts) => mapAuc(addCounts(Array.from(hosts, (host) => counts[host]!))));
  return {
    operations: forgeryOperations.map((name) => ({
      name,
      ...both(name, [name]),
      count: crops.forged[name].length,
    })),
    means: {
      main: both('mean of the main ones', mainOperations),
      all: both('mean of all', forgeryOperations),
    },
    pixel: { lossless: pixels('pixel', maps.lossless), resaved: pixels('pixel resaved', maps.resaved) },
    photographs: new Set(crops.photographs).size,
  };
}
