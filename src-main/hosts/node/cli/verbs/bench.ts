/** `bench method`: what each part of the method is worth. Rows are kept as they are measured, so that it can run in pieces. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AppError } from '#contract/errors.ts';
import type { ProviderName } from '#contract/training-run.ts';
import { imageScoreTexts } from '#features/method-study/image-scores.ts';
import { MethodStudy, type PlannedRow, type StudyEvent } from '#features/method-study/method-study.ts';
import { studyProtocol } from '#features/method-study/protocol.ts';
import { commitOf, thisMachine } from '#features/method-study/provenance.ts';
import { RowStore } from '#features/method-study/row-store.ts';
import type { PhotographChoice } from '#features/method-study/study-data.ts';
import type { StudyRow } from '#features/method-study/study-row.ts';
import {
  chooseVariants,
  parseVariants,
  studyVariants,
  variantWith,
  type Variant,
} from '#features/method-study/variants.ts';
import { methodMeasurements, programRoot, programVersion } from '../../../program-files.ts';
import type { Context } from '../context.ts';
import { duration, figure } from '../format.ts';
import { methodText } from '../method-table.ts';
import { exitStatus, type ExitStatus, type Output } from '../output.ts';

export interface BenchMethodOptions {
  rows?: string[];
  seeds?: number[];
  steps: number;
  crop?: number;
  data?: string;
  photographs: PhotographChoice;
  provider: ProviderName;
  threads: number;
  work?: string;
  variantConfig?: string;
  with?: string;
  name?: string;
  again?: boolean;
  stored?: boolean;
  measurements?: string;
}

/** Where no terminal shows the live line, a person gets a line this often. */
const noteEveryMs = 30_000;

/** The rows that are asked for: those of the study, or the further ones of this call, or by name among both. */
async function variantsOf({
  rows,
  variantConfig,
  with: fields,
  name,
}: BenchMethodOptions): Promise<Variant[]> {
  const further: Variant[] = [];
  if (variantConfig !== undefined) {
    const text = await readFile(variantConfig, 'utf8').catch((cause: unknown) => {
      throw AppError.from(cause);
    });
    further.push(...parseVariants(text, variantConfig));
  }
  if ((fields === undefined) !== (name === undefined))
    throw new AppError('invalid_input', '--with and --name go together.', {
      hint: 'E.g. --name hard-jpeg --with jpegShare=0.85,jpegQualityLow=50',
    });
  if (fields !== undefined) further.push(variantWith(name!, fields));
  if (rows !== undefined) return chooseVariants(rows, [...studyVariants, ...further]);
  return further.length > 0 ? further : [...studyVariants];
}

function dataFolder(named: string | undefined): string {
  if (named !== undefined) return resolve(named);
  const beside = resolve(programRoot, '../shared/data');
  if (existsSync(beside)) return beside;
  throw new AppError('file_not_found', `There is no folder of pictures at ${beside}.`, {
    hint: 'Name one with --data; `--stored` prints what was measured before.',
  });
}

const called = ({ variant, key }: PlannedRow): string => `row ${variant.name}, seed ${key.seed}`;

function reporter(out: Output): (event: StudyEvent) => void {
  let noted = Date.now();
  let [begun, beganAt] = [Date.now(), 0];
  const live = (text: string): void => {
    out.status(text);
    if (process.stderr.isTTY || Date.now() - noted < noteEveryMs) return;
    noted = Date.now();
    out.note(text);
  };
  return (event) => {
    const row = called(event.row);
    if (event.stage === 'training') {
      const { step, metrics } = event;
      if (beganAt === -1) beganAt = step;
      const rate = (Date.now() - begun) / 1000 / Math.max(1, step - beganAt);
      live(
        `${row}: step ${step} of ${event.row.key.steps}, L_cls ${figure(metrics.losses.cls)}, ` +
          `accuracy ${figure(metrics.accuracy)}, ${duration(rate * (event.row.key.steps - step))} left`,
      );
    } else if (event.stage === 'judging') live(`${row}: ${event.label}, ${event.done} of ${event.total}`);
    else if (event.stage === 'failed') out.note(`${row} failed: ${event.error.code}: ${event.error.message}`);
    else if (event.stage === 'begun') {
      [begun, beganAt] = [Date.now(), -1];
      out.note(`${row}: ${event.row.variant.title}`);
    } else if (event.stage === 'finished') out.note(`${row} is measured.`);
    else if (event.stage === 'stored') out.note(`${row} is there already.`);
    else out.note(`${row} is being measured by another program.`);
  };
}

function show(out: Output, rows: readonly StudyRow[], more: object = {}): void {
  out.emit({ protocol: studyProtocol, score_texts: imageScoreTexts, rows, ...more });
  if (rows.length === 0) out.print('Nothing was measured yet.');
  else out.print(`${methodText(rows)}\n\n${studyProtocol}`);
}

export async function benchMethodVerb(
  { out, dataDir, signal }: Context,
  options: BenchMethodOptions,
): Promise<ExitStatus> {
  const store = new RowStore(resolve(options.measurements ?? methodMeasurements));
  const { rows: names, seeds = [0, 1] } = options;
  if (options.stored) {
    const wanted = store
      .read()
      .filter(({ name }) => names === undefined || names.includes(name))
      .filter(({ seed }) => options.seeds === undefined || seeds.includes(seed));
    show(out, wanted);
    return exitStatus.done;
  }
  const variants = await variantsOf(options);
  const study = new MethodStudy({
    store,
    programVersion,
    commit: await commitOf(programRoot),
    machine: thisMachine(),
  });
  const result = await study.run(
    {
      variants,
      seeds,
      steps: options.steps,
      crop: options.crop,
      data: dataFolder(options.data),
      photographs: options.photographs,
      work: options.work === undefined ? join(dataDir, 'method-study') : resolve(options.work),
      provider: options.provider,
      threads: options.threads,
      again: options.again ?? false,
    },
    { signal, report: reporter(out) },
  );
  show(out, result.rows, {
    failed: result.failed.map(({ row: { key }, error: { code, message } }) => ({
      ...{ name: key.name, seed: key.seed, steps: key.steps },
      error: { code, message },
    })),
    elsewhere: result.elsewhere.map(({ key: { name, seed, steps } }) => ({ name, seed, steps })),
  });
  for (const row of result.elsewhere) out.print(`${called(row)} is being measured by another program.`);
  for (const { row, error } of result.failed)
    out.print(`${called(row)} failed: ${error.code}: ${error.message}\n${error.hint}`);
  if (result.failed.length === 0) return exitStatus.done;
  return result.rows.length > 0 ? exitStatus.partly : exitStatus.failed;
}
