/** `detect PATH...`: judges pictures or folders; NDJSON, one line a picture. */
import type { Verdict } from '#contract/detection.ts';
import type { StabilityWhen } from '#contract/stability.ts';
import { stabilityText } from '../stability-table.ts';
import { withApp, type Context } from '../context.ts';
import { progressText, snakeCase } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

/** One line of NDJSON. */
function line(verdict: Verdict, maps: object): object {
  const { path, sha256, width, height, reason, score, llr, tiles, notes, rendered, provider, ms } = verdict;
  const { statement, stability, explanation } = verdict;
  const { id, sha256: modelHash } = verdict.model;
  return {
    ...{ path, sha256, width, height, verdict: verdict.verdict, reason, score, llr, tiles, maps },
    ...{ model: { id, sha256: modelHash }, ms, notes, rendered, provider },
    statement: statement && snakeCase(statement),
    stability: stability && snakeCase(stability),
    explanation: explanation && snakeCase(explanation),
  };
}

export function detectVerb(
  context: Context,
  paths: string[],
  options: { model?: string; maps?: string; stability?: StabilityWhen },
): Promise<ExitStatus> {
  const { out, signal } = context;
  return withApp(context, async ({ services }) => {
    const model = await services.models.resolve(options.model);
    const begun = Date.now();
    let [judged, failed] = [0, 0];
    const progress = ({ done, total, label }: { done: number; total: number; label: string }): void => {
      const rate = done / Math.max(0.001, (Date.now() - begun) / 1000);
      out.status(
        progressText({ done, total, label, rate, etaSeconds: rate > 0 ? (total - done) / rate : null }),
      );
    };
    const { stability } = options;
    const work = { signal, progress, ...(stability ? { stability } : {}) };
    for await (const item of services.detection.judge(paths, model, work)) {
      if (item.kind === 'failure') {
        failed++;
        const { path, error } = item.refusal;
        out.emit({ path, error: { code: error.code, message: error.message, hint: error.hint } });
        out.print(`failed        ${path}\n              ${error.code}: ${error.message}`);
        continue;
      }
      judged++;
      const { verdict } = item;
      const maps =
        options.maps === undefined ? {} : await services.detection.writeMaps(verdict, options.maps);
      out.emit(line(verdict, snakeCase(maps) as object));
      const label = verdict.rendered ? ' (rendered scene)' : '';
      out.print(`${verdict.verdict.padEnd(12)}  ${verdict.path}${label}\n              ${verdict.reason}`);
      if (verdict.statement?.verbal)
        out.print(`              llr ${verdict.llr!.toFixed(2)}: ${verdict.statement.verbal}`);
      if (verdict.stability) out.print(stabilityText(verdict.stability));
      for (const note of verdict.notes) out.print(`              ${note}`);
    }
    out.note(`${judged} judged, ${failed} failed, with the model ${model.id}.`);
    if (failed === 0) return exitStatus.done;
    return judged > 0 ? exitStatus.partly : exitStatus.failed;
  });
}
