/** `evaluate --manifest FILE.csv`: how well a model tells labelled pictures apart. */
import type { EvaluationRequest, EvaluationResult } from '#features/evaluation/evaluation.service.ts';
import type { Figure } from '#features/evaluation/figures.ts';
import type { LeftOut } from '#features/evaluation/left-out.ts';
import type { RobustnessPoint } from '#features/evaluation/robustness.ts';
import { withApp, type Context } from '../context.ts';
import { figure, progressText, snakeCase, table } from '../format.ts';
import { exitStatus, type ExitStatus, type Output } from '../output.ts';

/** Of figures by name: values, and intervals and reasons beside them. */
const leftOut = ({ left_out, counts, figures }: LeftOut): object => ({
  left_out,
  ...flat({ counts, figures }),
});

/** Values by name, with intervals, and with reasons for those that are null, beside them. */
function flat({ counts, figures }: { counts: object; figures: Record<string, Figure> }): object {
  const entries = Object.entries(figures);
  return {
    counts,
    ...Object.fromEntries(entries.map(([name, { value }]) => [name, value])),
    intervals: Object.fromEntries(entries.map(([name, { interval }]) => [name, interval])),
    reasons: Object.fromEntries(entries.flatMap(([name, { reason }]) => (reason ? [[name, reason]] : []))),
  };
}

const withInterval = ({ value, interval }: Figure): string =>
  interval ? `${figure(value)} [${figure(interval[0])}, ${figure(interval[1])}]` : figure(value);

function printLeftOut(out: Output, what: 'category' | 'source', rows: readonly LeftOut[]): void {
  out.print(`\nCalibrated without each ${what}, and tried on it:`);
  out.print(
    table(
      [what, 'real', 'simulated', 'auc', 'cllr', 'cllr_min', 'misleading'],
      rows.map(({ left_out, counts, figures }) => [
        ...[left_out, counts.real, counts.simulated],
        ...Object.values(figures).map(withInterval),
      ]),
    ),
  );
}

const figuresOf = ({ auc, inconclusive, changed }: Omit<RobustnessPoint, 'kind' | 'level'>) => ({
  auc,
  inconclusive,
  changed,
});

function printRobustness(out: Output, points: readonly RobustnessPoint[]): void {
  out.print('\nEvery picture changed:');
  out.print(
    table(
      ['change', 'level', 'real', 'simulated', 'auc', 'inconclusive', 'verdict changed'],
      points.map((point) => [
        ...[point.kind, point.level, point.counts.real, point.counts.simulated],
        ...Object.values(figuresOf(point)).map(withInterval),
      ]),
    ),
  );
}

function printComparison(
  out: Output,
  { model, auc, changes, pictures }: NonNullable<EvaluationResult['comparison']>,
): void {
  out.print(`\nAgainst the model ${model.id} on ${pictures} pictures:`);
  out.print(
    auc
      ? `AUC ${figure(auc.first)} -> ${figure(auc.second)}, difference ${figure(auc.difference)} ` +
          `[${figure(auc.interval[0])}, ${figure(auc.interval[1])}], p = ${auc.p.toPrecision(2)} (DeLong, by group)`
      : 'Too few groups of either label for a test.',
  );
  for (const { path, simulated, from, to } of changes)
    out.print(`${from} -> ${to}  ${path} (${simulated ? 'simulated' : 'real'})`);
  out.print(`${changes.length} verdicts change.`);
}

export function evaluateVerb(context: Context, options: EvaluationRequest): Promise<ExitStatus> {
  const { out, signal } = context;
  return withApp(context, async ({ services }) => {
    const begun = Date.now();
    const result = await services.evaluations.evaluate(options, {
      signal,
      progress: (done, total, label) => {
        const rate = done / Math.max(0.001, (Date.now() - begun) / 1000);
        out.status(
          progressText({ done, total, label, rate, etaSeconds: rate > 0 ? (total - done) / rate : null }),
        );
      },
    });
    const { model, overall, categories, tiers, failed, pictures, comparison } = result;
    const byCategory = result.leaveOneCategoryOut;
    const bySource = result.leaveOneSourceOut;
    out.emit({
      model: { id: model.id, sha256: model.sha256 },
      ...{ provider: result.provider, pictures },
      ...flat(overall),
      categories: categories.map(({ category, ...figures }) => ({ category, ...flat(figures) })),
      tiers: tiers.map(({ tier, ...figures }) => ({ tier, ...flat(figures) })),
      leave_one_category_out: byCategory.map(leftOut),
      leave_one_source_out: bySource.map(leftOut),
      comparison: comparison && {
        model: { id: comparison.model.id, sha256: comparison.model.sha256 },
        ...{ pictures: comparison.pictures, auc: snakeCase(comparison.auc), changes: comparison.changes },
      },
      robustness:
        result.robustness?.map(({ kind, level, ...point }) => ({
          ...{ kind, level },
          ...flat({ counts: point.counts, figures: figuresOf(point) }),
        })) ?? null,
      evaluation: result.id,
      failed: failed.map(({ path, error: { code, message } }) => ({ path, error: { code, message } })),
    });
    for (const { path, error } of failed)
      out.print(`failed  ${path}\n        ${error.code}: ${error.message}`);
    out.print(`${model.name}, judged on ${result.provider}:`);
    const all = [
      { category: 'overall', ...overall },
      ...categories,
      ...tiers.map(({ tier, ...figures }) => ({ category: `saved as ${tier}`, ...figures })),
    ];
    out.print(
      table(
        ['', 'real', 'simulated', ...Object.keys(overall.figures)],
        all.map(({ category, counts, figures }) => [
          category,
          counts.real,
          counts.simulated,
          ...Object.values(figures).map(withInterval),
        ]),
      ),
    );
    for (const [what, rows] of [
      ['category', byCategory],
      ['source', bySource],
    ] as const)
      if (rows.length > 0) printLeftOut(out, what, rows);
    if (result.robustness) printRobustness(out, result.robustness);
    if (comparison) printComparison(out, comparison);
    for (const [name, { reason }] of Object.entries(overall.figures))
      if (reason) out.print(`${name}: ${reason}`);
    return failed.length > 0 ? exitStatus.partly : exitStatus.done;
  });
}
