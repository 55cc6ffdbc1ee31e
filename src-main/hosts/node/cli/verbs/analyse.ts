/** `analyse PATH [--only a,b] [--reference PATH...] --out DIR`: the classical analyses of a picture; findings as JSON, maps as PNG. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AnalysisResult } from '#contract/analysis.ts';
import { AppError } from '#contract/errors.ts';
import { writeResults } from '#features/analysis/write-results.ts';
import { analysisChoice, type AnalysisOptions } from '../analysis-choice.ts';
import { withApp, type Context } from '../context.ts';
import { progressText, snakeCase } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

export function analyseVerb(
  context: Context,
  path: string,
  options: AnalysisOptions & { out: string },
): Promise<ExitStatus> {
  const { out, signal } = context;
  return withApp(context, async ({ services, workspace }) => {
    const { analyses } = await services.analyses.catalogue();
    const choice = analysisChoice(options, analyses);
    const results = await services.analyses.analyseFile(resolve(path), choice, {
      signal,
      progress: (update) => out.status(progressText({ ...update, rate: 0, etaSeconds: null })),
    });
    const { stem, maps, files } = await writeResults(workspace.blobs, results, options.out);
    const { path: shown, sha256 } = results[0]!;
    const document = { path: shown, sha256, analyses: results.map(snakeCase), maps, files };
    const findings = `${stem}.findings.json`;
    await writeFile(findings, `${JSON.stringify(document, null, 2)}\n`).catch((cause: unknown) => {
      throw AppError.from(cause);
    });
    out.emit({ ...document, findings });
    for (const result of results) out.print(resultText(result));
    out.note(`Findings are in ${findings}, with ${Object.keys(maps).length} maps beside them.`);
    const failed = results.filter(({ state }) => state === 'failed').length;
    if (failed === 0) return exitStatus.done;
    return failed < results.length ? exitStatus.partly : exitStatus.failed;
  });
}

function resultText({ title, analysis, state, reason, findings }: AnalysisResult): string {
  const head = `${title} (${analysis}): ${state.replace('-', ' ')}${reason === null ? '' : `: ${reason}`}`;
  return [head, ...findings.map(({ severity, sentence }) => `  ${severity.padEnd(13)}  ${sentence}`)].join(
    '\n',
  );
}
