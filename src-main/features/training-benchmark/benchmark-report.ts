/** What the benchmark of training answers. Field names are those of the command line's JSON. */
import type { z } from 'zod';
import type { AppError, ErrorData } from '#contract/errors.ts';
import type { thisMachine } from '#features/method-study/provenance.ts';
import type { BenchmarkCase } from './benchmark-cases.ts';
import type { BenchmarkTarget, comparison, timesFound, workFound } from './benchmark-messages.ts';

type Failure = Pick<ErrorData, 'code' | 'message' | 'hint'>;
export const failureOf = ({ code, message, hint }: AppError): Failure => ({ code, message, hint });

export interface CeilingReport {
  backend: string;
  provider: string;
  device: string;
  matmul_gflops: number;
}

/** Figures are null where the case failed, or what they are made of did. */
export interface CaseReport {
  name: string;
  backend: string;
  provider: string;
  batch: number;
  crop: number;
  k: number | null;
  ms_per_iteration: number | null;
  /** Of convolutions and matrix products, counted from the compiled steps. */
  gflop_per_iteration: number | null;
  /** Of everything else, which the rate leaves out. */
  other_gflop_per_iteration: number | null;
  gflops: number | null;
  /** Of the rate of matrix products on the same backend and provider. */
  share_of_matmul: number | null;
  /** Where the time goes. The detector's part includes making its simulated samples. */
  ms: { data: number; generator: number; detector: number } | null;
  /** Of the process that ran nothing but this case, in units of 2^20 bytes; a GPU's own memory is not in it. */
  peak_mb: number | null;
  /** Measured, after the warm-up; each time is their median. */
  iterations: number;
  error?: Failure;
}

/** ONNX Runtime and WASM on one case, iteration by iteration in turns. */
export interface SpeedupReport {
  case: string;
  provider: string;
  /** Medians. */
  ms: { ort: number; wasm: number };
  /** How many times as fast `ort` is as `wasm`. */
  ratio: number;
  iterations: number;
}

export interface BenchmarkReport {
  machine: ReturnType<typeof thisMachine>;
  /** GFLOP/s of products of 1024 x 1024 matrices; `ort` on the first provider that was measured. Null where there is none. */
  matmul_gflops: { ort: number | null; wasm: number | null };
  ceilings: CeilingReport[];
  cases: CaseReport[];
  speedup: SpeedupReport[];
  failed: { what: string; error: Failure }[];
  /** True where it was stopped before all was measured. */
  stopped: boolean;
}

/** A figure to the thousandth. */
export const thousandth = (value: number): number => Math.round(value * 1000) / 1000;

/** One case's row from what was measured; each of the three may have failed or be missing. */
export function caseReport(
  { name, batch, crop, k }: BenchmarkCase,
  { backend, provider }: BenchmarkTarget,
  {
    times,
    work,
    ceiling,
  }: {
    times: z.infer<typeof timesFound> | AppError;
    work: z.infer<typeof workFound> | null;
    ceiling: number | null;
  },
): CaseReport {
  const measured = 'iterations' in times ? times : null;
  const gflops = measured && work && work.matrix / measured.total / 1e6;
  return {
    name,
    backend,
    provider,
    batch,
    crop,
    k,
    ms_per_iteration: measured && thousandth(measured.total),
    gflop_per_iteration: work && thousandth(work.matrix / 1e9),
    other_gflop_per_iteration: work && thousandth(work.other / 1e9),
    gflops: gflops && thousandth(gflops),
    share_of_matmul: gflops && ceiling && thousandth(gflops / ceiling),
    ms: measured && {
      data: thousandth(measured.data),
      generator: thousandth(measured.generator),
      detector: thousandth(measured.detector),
    },
    peak_mb: measured && Math.round(measured.peakMegabytes),
    iterations: measured?.iterations ?? 0,
    ...('iterations' in times ? {} : { error: failureOf(times) }),
  };
}

export function speedupReport(
  { name }: BenchmarkCase,
  { provider }: BenchmarkTarget,
  { first: ort, second: wasm, iterations }: z.infer<typeof comparison>,
): SpeedupReport {
  const ms = { ort: thousandth(ort), wasm: thousandth(wasm) };
  return { case: name, provider, ms, ratio: thousandth(wasm / ort), iterations };
}
