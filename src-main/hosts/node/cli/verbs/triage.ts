/** `triage PATH...`: judges folders in bulk; NDJSON, one line a picture as it ends. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import type { StabilityWhen } from '#contract/stability.ts';
import { triageFormat, triageRules, type TriageRule } from '#contract/triage.ts';
import type { OpenCarrier } from '#features/triage/carrier.ts';
import { stabilityWord } from '#features/triage/export-triage.ts';
import type { TriageItem } from '#features/triage/triage-outcome.ts';
import { programVersion } from '../../../program-files.ts';
import { withApp, type Context, type OpenApp } from '../context.ts';
import { snakeCase, table, when } from '../format.ts';
import { jobResult } from '../job-result.ts';
import { exitStatus, type ExitStatus, type Output } from '../output.ts';

export interface TriageOptions {
  model?: string;
  title?: string;
  priority?: Record<string, number>;
  rules?: string;
  stability?: StabilityWhen;
  export?: string;
  queue?: string;
  resume?: string;
  retry?: boolean;
  list?: boolean;
}

async function readRules(file: string): Promise<TriageRule[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw AppError.from(cause);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new AppError('invalid_input', `${file} is not JSON.`, { cause });
  }
  const parsed = triageRules.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new AppError('invalid_input', `${file}, at ${issue.path.join('.') || 'its root'}: ${issue.message}.`);
}

function formatOf(file: string) {
  const format = triageFormat.safeParse(path.extname(file).slice(1).toLowerCase());
  if (format.success) return format.data;
  throw new AppError('invalid_input', `--export wants a file that ends in .csv or .json, not "${file}".`);
}

function show(out: Output, item: TriageItem): void {
  if (item.kind === 'result') {
    const { result } = item;
    out.emit(snakeCase(result));
    const pile = result.pile === null ? '' : `  [${result.pile}]`;
    const silent = result.verdict === 'inconclusive' && result.stability === null;
    const held = silent ? '' : `  (stability: ${stabilityWord(result.stability)})`;
    const score = result.score.toFixed(2).padStart(7);
    out.print(`${result.verdict.padEnd(12)}  ${score}  ${result.path}${pile}${held}`);
    return;
  }
  const { path: file, error } = item.refusal;
  out.emit({ path: file, error: { code: error.code, message: error.message, hint: error.hint } });
  out.print(`failed        ${file}\n              ${error.code}: ${error.message}`);
}

/** Opens the queue of a run, and says so, here and in the audit log. */
async function queueAt(address: string, { workspace }: OpenApp, out: Output): Promise<OpenCarrier> {
  const { checkAddress, shownAddress } = await import('#features/triage/redis/queue-connection.ts');
  const { openRedisCarrier } = await import('#features/triage/redis/redis-carrier.ts');
  const shown = shownAddress(checkAddress(address));
  const open = openRedisCarrier({ address, version: programVersion });
  return async (request) => {
    const carrier = await open(request);
    const { db, audit } = workspace;
    const subject = { kind: 'triage' as const, id: request.run };
    await db.transaction().execute(async (transaction) => {
      audit.record(transaction, { action: 'triage.queue-opened', subject, payload: { queue: shown } });
    });
    out.note(
      `Connected to ${shown}: the pictures are judged by the workers there, with model ${request.model.sha256}.`,
    );
    return carrier;
  };
}

async function list({ handlers }: OpenApp, out: Output): Promise<ExitStatus> {
  const runs = await handlers.triage.list({});
  out.emit({ runs: runs.map(snakeCase) });
  if (runs.length === 0) out.print('This workspace has no triage run yet.');
  else
    out.print(
      table(
        ['run', 'started', 'waiting', 'judged', 'failed', 'title'],
        runs.map(({ id, createdAt, counts, title }) => [
          ...[id, when(createdAt), String(counts.waiting), String(counts.judged), String(counts.failed)],
          title,
        ]),
      ),
    );
  return exitStatus.done;
}

export function triageVerb(context: Context, paths: string[], options: TriageOptions): Promise<ExitStatus> {
  const { out } = context;
  if (options.retry && options.resume === undefined)
    throw new AppError('invalid_input', '--retry belongs to --resume.');
  if (
    options.resume !== undefined &&
    (paths.length > 0 || options.model || options.title || options.priority)
  )
    throw new AppError('invalid_input', '--resume goes on with the run as it is; name no folders or model.');
  if (!options.list && options.resume === undefined && paths.length === 0)
    throw new AppError('invalid_input', 'Name a folder, --resume RUN or --list.');
  const stray = Object.keys(options.priority ?? {}).find((folder) => !paths.includes(folder));
  if (stray !== undefined)
    throw new AppError('invalid_input', `--priority names "${stray}", which is no folder of this run.`);
  const format = options.export === undefined ? undefined : formatOf(options.export);
  return withApp(context, async (app) => {
    if (options.list) return list(app, out);
    const { triage } = app.services;
    const rules = options.rules === undefined ? undefined : await readRules(options.rules);
    const watch = {
      tell: (item: TriageItem): void => show(out, item),
      ...(options.queue === undefined ? {} : { open: await queueAt(options.queue, app, out) }),
    };
    if (options.resume !== undefined) {
      if (rules) await triage.setRules(options.resume, rules);
      if (options.retry) await triage.retry(options.resume);
    }
    const folders = paths.map((folder) => ({ path: folder, priority: options.priority?.[folder] ?? 0 }));
    const { model, title, stability = 'never' } = options;
    const { run, jobId } =
      options.resume === undefined
        ? await triage.start(
            {
              ...{ folders, stability, rules: rules ?? [] },
              ...(model ? { model } : {}),
              ...(title ? { title } : {}),
            },
            watch,
          )
        : await triage.resume(options.resume, watch);
    out.note(`Run ${run}; it goes on with --resume ${run} if it is interrupted.`);
    const { job } = await jobResult(context, app.handlers.jobs, 'triage', jobId);
    const { counts } = await triage.get(run);
    out.note(`${counts.judged} judged, ${counts.failed} failed, ${counts.waiting} waiting.`);
    if (options.export !== undefined) {
      const written = await triage.export(run, options.export, format!);
      out.note(`${written.results} results and ${written.failures} failures written to ${written.path}.`);
    }
    if (job.state !== 'done') return exitStatus.failed;
    if (counts.failed === 0) return exitStatus.done;
    return counts.judged > 0 ? exitStatus.partly : exitStatus.failed;
  });
}
