/**
 * How fast this machine trains: each case on each backend, as time, as a rate of counted work, and as a share of the rate
 * at which the same backend multiplies matrices here and now. Each measurement runs in a process of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '#contract/errors.ts';
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import { thisMachine } from '#features/method-study/provenance.ts';
import { caseTitle, comparedCase, type BenchmarkCase } from './benchmark-cases.ts';
import { comparison, rate, timesFound, workFound, type BenchmarkTarget } from './benchmark-messages.ts';
import {
  caseReport,
  failureOf,
  speedupReport,
  thousandth,
  type BenchmarkReport,
} from './benchmark-report.ts';
import { writeScenes } from './scene-files.ts';
import { runTask } from './task-process.ts';

export interface BenchmarkRequest {
  /** Each case is measured on each of them. */
  targets: readonly BenchmarkTarget[];
  /** Further ones of which only the matrix products are measured. */
  ceilingsOf: readonly BenchmarkTarget[];
  cases: readonly BenchmarkCase[];
  /** For each case and target, beside the warm-up. */
  seconds: number;
}

export type BenchmarkEvent =
  | { stage: 'begun'; what: string; done: number; total: number }
  | { stage: 'failed'; what: string; error: AppError };

export interface BenchmarkOptions {
  /** The script of a measurement's process. */
  entry: string;
  /** Stops the benchmark; what was measured until then is answered. */
  signal: AbortSignal;
  report: (event: BenchmarkEvent) => void;
  /** Puts photographs to train on into a folder; scenes that the program renders where absent. */
  writePhotographs?: (folder: string) => Promise<TrainerPhotograph[]>;
}

export const targetTitle = ({ backend, provider }: { backend: string; provider: string }): string =>
  backend === provider || backend === 'wasm' ? backend : `${backend} on ${provider}`;
const same = (a: BenchmarkTarget) => (b: { backend: string; provider: string }) =>
  a.backend === b.backend && a.provider === b.provider;

/** What fails is part of the answer, and the rest is measured all the same. */
export async function benchmarkTraining(
  request: BenchmarkRequest,
  options: BenchmarkOptions,
): Promise<BenchmarkReport> {
  const { signal, writePhotographs = writeScenes } = options;
  const folder = await mkdtemp(join(tmpdir(), 'pentimento-benchmark-'));
  const report: BenchmarkReport = {
    machine: thisMachine(),
    matmul_gflops: { ort: null, wasm: null },
    ceilings: [],
    cases: [],
    speedup: [],
    failed: [],
    stopped: false,
  };
  try {
    const photographs = await writePhotographs(folder);
    await measure(request, options, photographs, report);
  } catch (error) {
    if (!signal.aborted) throw error;
    report.stopped = true;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return report;
}

/** Fills the report, in the order in which it is of use where somebody stops it: ceilings, the comparison, the cases. */
async function measure(
  { targets, ceilingsOf, cases, seconds }: BenchmarkRequest,
  options: BenchmarkOptions,
  photographs: TrainerPhotograph[],
  report: BenchmarkReport,
): Promise<void> {
  const wasm = targets.find(({ backend }) => backend === 'wasm');
  const ceilings = [...targets, ...ceilingsOf.filter((further) => !targets.some(same(further)))];
  const compared =
    wasm && cases.includes(comparedCase) ? targets.filter(({ backend }) => backend === 'ort') : [];
  const total = ceilings.length + compared.length + cases.length * (1 + targets.length);
  let done = 0;
  /** One measurement; an error, which is noted, where it failed. */
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | AppError> => {
    options.report({ stage: 'begun', what, done: done++, total });
    try {
      return await work();
    } catch (cause) {
      options.signal.throwIfAborted();
      const error = AppError.from(cause);
      options.report({ stage: 'failed', what, error });
      report.failed.push({ what, error: failureOf(error) });
      return error;
    }
  };

  for (const target of ceilings) {
    const found = await attempt(`matrix products, ${targetTitle(target)}`, () =>
      runTask({ task: 'ceiling', target }, rate, options),
    );
    if (found instanceof AppError) continue;
    const { backend, provider } = target;
    const gflops = thousandth(found.gflops);
    report.ceilings.push({ backend, provider, device: found.device, matmul_gflops: gflops });
    if (backend !== 'cuda') report.matmul_gflops[backend] ??= gflops;
  }
  for (const target of compared) {
    const found = await attempt(`${comparedCase.name}, ${targetTitle(target)} and wasm in turns`, () =>
      runTask(
        { task: 'compare', first: target, second: wasm!, seconds, photographs, ...overridesOf(comparedCase) },
        comparison,
        options,
      ),
    );
    if (!(found instanceof AppError)) report.speedup.push(speedupReport(comparedCase, target, found));
  }
  for (const one of cases) {
    const counted = await attempt(`${caseTitle(one)}, counting its work`, () =>
      runTask({ task: 'count', photographs, ...overridesOf(one) }, workFound, options),
    );
    const work = counted instanceof AppError ? null : counted;
    for (const target of targets) {
      const times = await attempt(`${caseTitle(one)}, ${targetTitle(target)}`, () =>
        runTask({ task: 'measure', target, seconds, photographs, ...overridesOf(one) }, timesFound, options),
      );
      const ceiling = report.ceilings.find(same(target))?.matmul_gflops ?? null;
      report.cases.push(caseReport(one, target, { times, work, ceiling }));
    }
  }
}

const overridesOf = ({ overrides }: BenchmarkCase) => ({ overrides: overrides && { ...overrides } });
