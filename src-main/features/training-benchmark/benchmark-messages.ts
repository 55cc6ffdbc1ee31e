/**
 * What passes between the benchmark and a process of its own that each measurement gets: its peak of memory is its own
 * then, and its end, however it comes, ends nothing else.
 */
import { z } from 'zod';
import { errorData } from '#contract/errors.ts';
import { trainerPhotograph } from '#contract/trainer-messages.ts';
import { providerName } from '#contract/training-run.ts';

/** Where a measurement runs. `threads`: of one operator, on `ort` alone; as many as there are processors where absent. */
export const benchmarkTarget = z.object({
  backend: z.enum(['ort', 'cuda', 'wasm']),
  provider: providerName,
  threads: z.number().int().positive().optional(),
});
export type BenchmarkTarget = z.infer<typeof benchmarkTarget>;

/** A case as it travels: `overrides` of the training configuration, null for `conv8`. */
const work = z.object({
  overrides: z.record(z.string(), z.unknown()).nullable(),
  photographs: z.array(trainerPhotograph),
});
const timed = work.extend({ seconds: z.number().nonnegative() });

export const benchmarkTask = z.discriminatedUnion('task', [
  /** Answers `rate`. */
  z.object({ task: z.literal('ceiling'), target: benchmarkTarget }),
  /** Answers `workFound`. */
  work.extend({ task: z.literal('count') }),
  /** Answers `timesFound`. */
  timed.extend({ task: z.literal('measure'), target: benchmarkTarget }),
  /** Answers `comparison`. */
  timed.extend({ task: z.literal('compare'), first: benchmarkTarget, second: benchmarkTarget }),
]);
export type BenchmarkTask = z.infer<typeof benchmarkTask>;

/** GFLOP/s. */
export const rate = z.object({ gflops: z.number(), device: z.string() });
/** Floating-point operations of one iteration. */
export const workFound = z.object({ matrix: z.number(), other: z.number() });
/** Medians in milliseconds, and the process' peak in MB. */
export const timesFound = z.object({
  iterations: z.number().int(),
  total: z.number(),
  data: z.number(),
  generator: z.number(),
  detector: z.number(),
  peakMegabytes: z.number(),
});
/** Medians in milliseconds of iterations that took turns. */
export const comparison = z.object({ iterations: z.number().int(), first: z.number(), second: z.number() });

export const benchmarkReply = z.discriminatedUnion('type', [
  z.object({ type: z.literal('done'), result: z.unknown() }),
  z.object({ type: z.literal('failed'), error: errorData }),
]);
export type BenchmarkReply = z.infer<typeof benchmarkReply>;
