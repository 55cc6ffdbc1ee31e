/** `evaluate --manifest FILE.csv`: how well a model tells labelled pictures apart. */
import { EvaluationService } from '#features/evaluation/evaluation.service.ts';
import type { Figures } from '#features/evaluation/figures.ts';
import { withApp, type Context } from '../context.ts';
import { figure, progressText, table } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

/** Values by name, with intervals, and with reasons for those that are null, beside them. */
function flat({ counts, figures }: Figures): object {
  const entries = Object.entries(figures);
  return {
    counts,
    ...Object.fromEntries(entries.map(([name, { value }]) => [name, value])),
    intervals: Object.fromEntries(entries.map(([name, { interval }]) => [name, interval])),
    reasons: Object.fromEntries(entries.flatMap(([name, { reason }]) => (reason ? [[name, reason]] : []))),
  };
}

export function evaluateVerb(
  context: Context,
  options: { manifest: string; model?: string; seed: number },
): Promise<ExitStatus> {
  const { out, signal } = context;
  return withApp(context, async ({ services }) => {
    const begun = Date.now();
    const service = new EvaluationService({ models: services.models });
    const result = await service.evaluate(options, {
      signal,
      progress: (done, total, label) => {
        const rate = done / Math.max(0.001, (Date.now() - begun) / 1000);
        out.status(
          progressText({ done, total, label, rate, etaSeconds: rate > 0 ? (total - done) / rate : null }),
        );
      },
    });
    const { model, overall, categories, failed, pictures } = result;
    out.emit({
      model: { id: model.id, sha256: model.sha256 },
      pictures,
      ...flat(overall),
      categories: categories.map(({ category, ...figures }) => ({ category, ...flat(figures) })),
      failed: failed.map(({ path, error: { code, message } }) => ({ path, error: { code, message } })),
    });
    for (const { path, error } of failed)
      out.print(`failed  ${path}\n        ${error.code}: ${error.message}`);
    const all = [{ category: 'overall', ...overall }, ...categories];
    out.print(
      table(
        ['', 'real', 'simulated', ...Object.keys(overall.figures)],
        all.map(({ category, counts, figures }) => [
          category,
          counts.real,
          counts.simulated,
          ...Object.values(figures).map(({ value, interval }) =>
            interval ? `${figure(value)} [${figure(interval[0])}, ${figure(interval[1])}]` : figure(value),
          ),
        ]),
      ),
    );
    for (const [name, { reason }] of Object.entries(overall.figures))
      if (reason) out.print(`${name}: ${reason}`);
    return failed.length > 0 ? exitStatus.partly : exitStatus.done;
  });
}
