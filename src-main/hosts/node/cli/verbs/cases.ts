/** `cases [CASE] [--create NAME]`: lists cases, shows one, makes or changes one, checks, judges or analyses its evidence. */
import type { AnalysisDescription } from '#contract/analysis.ts';
import type { PentimentoHandlers } from '#contract/api.ts';
import type { CaseOverview, CaseRecord, CaseStatus } from '#contract/case.ts';
import { AppError } from '#contract/errors.ts';
import type { JobResult } from '#contract/job.ts';
import { analysisChoice, type AnalysisOptions } from '../analysis-choice.ts';
import { withApp, type Context } from '../context.ts';
import { snakeCase, table, when } from '../format.ts';
import { jobResult } from '../job-result.ts';
import { exitStatus, type ExitStatus, type Output } from '../output.ts';

export interface CasesOptions extends AnalysisOptions {
  create?: string;
  name?: string;
  number?: string;
  examiner?: string;
  notes?: string;
  tags?: string[];
  status?: CaseStatus;
  check?: boolean;
  judge?: boolean;
  analyse?: boolean;
  model?: string;
}
type Handlers = PentimentoHandlers;

export function casesVerb(
  context: Context,
  reference: string | undefined,
  options: CasesOptions,
): Promise<ExitStatus> {
  const { out } = context;
  const { create, check, judge, model, analyse, ...rest } = options;
  const { only, set, reference: like, referenceDataset, referenceEvidence, ...fields } = rest;
  const chosen = { only, set, reference: like, referenceDataset, referenceEvidence };
  const changes = Object.keys(fields).length > 0;
  if (reference === undefined && create === undefined && (check || judge || analyse || changes))
    throw new AppError('invalid_input', 'Name the case.');
  if (create !== undefined && (reference ?? fields.name ?? fields.status) !== undefined)
    throw new AppError('invalid_input', 'A new case has the name after --create, and is open.');
  const stray = Object.entries(chosen).find(([, value]) => value !== undefined && !analyse);
  if (stray)
    throw new AppError(
      'invalid_input',
      `--${stray[0].replace(/[A-Z]/, (x) => `-${x.toLowerCase()}`)} belongs to --analyse.`,
    );
  if (model !== undefined && !judge) throw new AppError('invalid_input', '--model belongs to --judge.');
  return withApp(context, async ({ handlers }) => {
    if (create !== undefined) reference = (await handlers.cases.create({ ...fields, name: create })).id;
    else if (reference === undefined) return list(out, handlers);
    else if (changes) {
      const { id } = await handlers.cases.get({ case: reference });
      await handlers.cases.edit({ id, change: fields });
      reference = id;
    }
    if (check) return checkEvidence(context, handlers, reference);
    if (judge) return judgeEvidence(context, handlers, reference, model);
    if (analyse) return analyseEvidence(context, handlers, reference, options);
    const overview = (await handlers.cases.get({ case: reference })) as CaseOverview;
    out.emit(snakeCase(overview));
    out.print(overviewText(overview));
    return exitStatus.done;
  });
}

async function list(out: Output, handlers: Handlers): Promise<ExitStatus> {
  const all: CaseRecord[] = [];
  for (let total = 1; all.length < total;) {
    const page = await handlers.cases.list({ offset: all.length, limit: 500 });
    all.push(...(page.cases as CaseRecord[]));
    total = page.total;
  }
  out.emit({ cases: all.map(snakeCase) });
  if (all.length === 0) out.print('This workspace has no case yet.');
  else
    out.print(
      table(
        ['case', 'number', 'examiner', 'status', 'tags', 'changed', 'id'],
        all.map((one) => [
          ...[one.name, one.number, one.examiner, one.status],
          ...[one.tags.join(', '), when(one.updatedAt), one.id],
        ]),
      ),
    );
  return exitStatus.done;
}

const counts = (of: Record<string, number>): string =>
  Object.entries(of)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ') || 'none';

function overviewText(one: CaseOverview): string {
  const { none, ...verdicts } = one.verdicts;
  const lines = [
    `${one.name} (${one.status}), ${one.id}`,
    ...(one.number ? [`number    ${one.number}`] : []),
    ...(one.examiner ? [`examiner  ${one.examiner}`] : []),
    ...(one.tags.length > 0 ? [`tags      ${one.tags.join(', ')}`] : []),
    `made      ${when(one.createdAt)}, changed ${when(one.updatedAt)}`,
    `evidence  ${one.items}: ${counts(one.states)}`,
    `verdicts  ${counts(verdicts)}; ${none} without one`,
    ...(one.notes ? [one.notes] : []),
  ];
  return lines.join('\n');
}

async function checkEvidence(context: Context, handlers: Handlers, reference: string): Promise<ExitStatus> {
  const { out } = context;
  const { jobId } = await handlers.evidence.check({ case: reference });
  const { job, result } = await jobResult(context, handlers.jobs, 'evidence-check', jobId);
  out.emit({ state: job.state, ...(snakeCase(result) as object) });
  for (const { path, state, reason } of result.found)
    out.print(`${state.padEnd(11)} ${path}\n            ${reason}`);
  out.print(`${result.checked} hashed again: ${counts(result.states)}.`);
  return job.state === 'done' && result.states.intact === result.checked
    ? exitStatus.done
    : exitStatus.failed;
}

async function judgeEvidence(
  context: Context,
  handlers: Handlers,
  reference: string,
  model: string | undefined,
): Promise<ExitStatus> {
  const { out } = context;
  const { jobId } = await handlers.evidence.detect({ case: reference, model });
  const { job, result } = await jobResult(context, handlers.jobs, 'detection', jobId);
  out.emit({ state: job.state, ...(snakeCase(result) as object) });
  showFailures(out, result);
  if (job.state !== 'done') return exitStatus.failed;
  if (result.failed.length === 0) return exitStatus.done;
  return result.verdicts.length > 0 ? exitStatus.partly : exitStatus.failed;
}

async function analyseEvidence(
  context: Context,
  handlers: Handlers,
  reference: string,
  options: AnalysisOptions,
): Promise<ExitStatus> {
  const { out } = context;
  const { analyses } = (await handlers.analyses.catalogue({})) as { analyses: AnalysisDescription[] };
  const { jobId } = await handlers.analyses.start({ case: reference, ...analysisChoice(options, analyses) });
  const { job, result } = await jobResult(context, handlers.jobs, 'analysis', jobId);
  out.emit({ state: job.state, ...result });
  for (const { path, error } of result.failed)
    out.print(`failed  ${path}\n        ${error.code}: ${error.message}`);
  const { ran, 'not-run': notRun, failed } = result.states;
  out.print(`${result.pictures} pictures: ${ran} analyses ran, ${notRun} were not run, ${failed} failed.`);
  if (job.state !== 'done') return exitStatus.failed;
  if (failed + result.failed.length === 0) return exitStatus.done;
  return ran > 0 ? exitStatus.partly : exitStatus.failed;
}

function showFailures(out: Output, { verdicts, failed }: JobResult<'detection'>): void {
  for (const { path, error } of failed) out.print(`failed  ${path}\n        ${error.code}: ${error.message}`);
  out.print(`${verdicts.length} judged, ${failed.length} failed.`);
}
