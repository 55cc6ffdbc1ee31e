/** What a benchmark finds: a value beside what it is held against. */
import type { thisMachine } from '#features/method-study/provenance.ts';

export interface MeasuredCase {
  name: string;
  value: number;
  unit: string;
  /** A rate of the same machine, or the limit that is kept; null where the value stands for itself. */
  ceiling: number | null;
  /** value / ceiling */
  ratio: number | null;
}
export interface MeasuredReport {
  machine: ReturnType<typeof thisMachine>;
  cases: MeasuredCase[];
}

export const measuredCase = (
  name: string,
  value: number,
  unit: string,
  ceiling: number | null,
): MeasuredCase => ({ name, value, unit, ceiling, ratio: ceiling === null ? null : value / ceiling });
