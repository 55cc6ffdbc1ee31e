/** A benchmark's machine and cases for a person. */
import type { MeasuredReport } from '#features/measurement/measured-case.ts';
import { table } from './format.ts';

/** @param digits behind the point, of values with their ceilings, and of ratios */
export function measuredText(
  { machine, cases }: MeasuredReport,
  digits: { value: number; ratio: number },
): string {
  const rows = cases.map(({ name, value, unit, ceiling, ratio }) => [
    ...[name, value.toFixed(digits.value), unit],
    ceiling === null ? '-' : ceiling.toFixed(digits.value),
    ratio === null ? '-' : ratio.toFixed(digits.ratio),
  ]);
  const head = ['case', 'value', 'unit', 'held against', 'ratio'];
  return `${machine.cpu}, ${machine.cores} processors, ${machine.platform}\n${table(head, rows)}`;
}
