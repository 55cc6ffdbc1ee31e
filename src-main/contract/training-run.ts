/** Training runs: configuration, live metrics, samples of the theatre, log. */
import { z } from 'zod';
import { empty, id, jobState, sha256, timestamp } from './common.ts';
import { errorData } from './errors.ts';
import { mapReference } from './media.ts';
import { mutation, query, subscription } from './api-definition.ts';

export const backendName = z.enum(['auto', 'ort', 'cuda', 'wasm']);
export type BackendName = z.infer<typeof backendName>;
export const providerName = z.enum(['cpu', 'webgpu', 'cuda', 'dml', 'coreml']);
export type ProviderName = z.infer<typeof providerName>;

/**
 * When a run ends by itself. The first condition met ends it; at least one is needed. The learning rate falls towards the
 * nearer of the expected ends, steps and minutes; without one it is held and then falls slowly.
 */
export const stopCondition = z
  .strictObject({
    /** Detector steps. */
    steps: z.number().int().positive().max(10_000_000).optional(),
    /** Minutes of training, without data loading before and export after. */
    minutes: z.number().positive().max(100_000).optional(),
    /** The detector's total loss, averaged between two points of the curves, lies below this. */
    lossBelow: z.number().positive().max(1000).optional(),
    /** So many evaluations in a row without a lower validation loss. The best detector is then exported, not the last. */
    patience: z.number().int().positive().max(10_000).optional(),
  })
  .refine((stop) => Object.values(stop).some((value) => value !== undefined), {
    message: 'give steps, minutes, lossBelow or patience',
  });
export type StopCondition = z.infer<typeof stopCondition>;

/** Memory for the decoded photographs of a run, in units of 2^20 bytes: it decides how often they are decoded, never what is drawn. */
export const cacheMegabytes = z.number().int().min(1).max(1_048_576);

/** Where a request names no bound. */
export const defaultCacheMegabytes = 2048;

export const startRunRequest = z.object({
  /** Id or name. */
  dataset: z.string().min(1),
  stop: stopCondition,
  seed: z
    .number()
    .int()
    .nonnegative()
    .max(2 ** 31 - 1)
    .default(0),
  backend: backendName.default('auto'),
  provider: providerName.optional(),
  /** The program's own where absent. */
  cacheMegabytes: cacheMegabytes.optional(),
  /** Why it is trained although the dataset guard says that it should not be; kept with the run and in the audit log. */
  despiteFindings: z.string().trim().min(1).max(500).optional(),
  /** Overrides of the engine's training configuration, by field name; unknown fields and bad values are refused. */
  overrides: z.record(z.string(), z.unknown()).default({}),
});
export type StartRunRequest = z.infer<typeof startRunRequest>;

export const runLosses = z.object({
  /** Classification loss of the detector, L_cls (natural log). */
  cls: z.number(),
  /** Simulation similarity, L_sim. */
  sim: z.number(),
  /** Kernel diversity, L_div, of the generator's mask kernels; 0 where they are not trained. */
  div: z.number(),
  /** 0 where the generator is not trained. */
  totalGenerator: z.number(),
  totalDetector: z.number(),
});

/** One point of a run's time series. `step` counts detector steps. */
export const runMetric = z.object({
  step: z.number().int().nonnegative(),
  losses: runLosses,
  /** Share of the batch that the detector judged right, in [0, 1]. */
  accuracy: z.number(),
  /** Mean area of the fused generator mask, in [0, 1]; 0 where no masks are learned. */
  maskArea: z.number(),
  imagesPerSecond: z.number(),
  /** Share of the time that the step waited for data, in [0, 1]. */
  dataWaitShare: z.number(),
  etaSeconds: z.number().nullable(),
  /** Of the generator's blends; absent where it makes none, and in runs of older versions. */
  blends: z
    .object({
      /** Of the simulated masks M_i, in shares of a crop. */
      smallestArea: z.number(),
      largestArea: z.number(),
      /** Standard deviation of the fused mask over its positions. */
      deviation: z.number(),
      /** Mean |x_B - x_r| in grey levels. */
      change: z.number(),
    })
    .optional(),
  /** Mean |x_T - x_s| in grey levels; 0 where no style is transferred. */
  styleChange: z.number().optional(),
  /** Where the averaged detector was judged since the point before: on fixed crops of validation photographs. */
  validation: z.object({ step: z.number().int(), loss: z.number(), auc: z.number() }).optional(),
});
export type RunMetric = z.infer<typeof runMetric>;

export const runLogEntry = z.object({
  at: timestamp,
  level: z.enum(['info', 'warning', 'error']),
  code: z.string(),
  message: z.string(),
});
export type RunLogEntry = z.infer<typeof runLogEntry>;

const OVER = '_over';
/** The code under which the log says that a warning is over. */
export const overCode = (code: string): string => code + OVER;
/** Whether an entry warns, or says that a warning is over. */
export const concernsWarning = ({ level, code }: RunLogEntry): boolean =>
  level !== 'info' || code.endsWith(OVER);
/** The warnings of a log, in its order, without those that are over. */
export const standingWarnings = (log: readonly RunLogEntry[]): RunLogEntry[] =>
  log.filter(
    ({ level, code }, i) =>
      level === 'warning' && !log.slice(i + 1).some((later) => [code, overCode(code)].includes(later.code)),
  );

/** `[k, k]`, in [-1, 1]. */
const cosines = z.array(z.array(z.number()));
/** Cosines between the flattened kernels, of which L_div is the mean off the diagonal. */
export const kernelCosines = z.object({
  /** The generator's mask kernels; null where no masks are learned. */
  masks: cosines.nullable(),
  /** The detector's map kernels. */
  maps: cosines,
});
export type KernelCosines = z.infer<typeof kernelCosines>;

/** What the theatre shows of one sample at one step. All are blobs: pictures as PNG, maps as grey PNG with their range. */
export const runSample = z.object({
  step: z.number().int().nonnegative(),
  index: z.number().int().nonnegative(),
  /** The real photograph's crop, the host x_r of the blend. */
  reference: sha256,
  /** The crop x_s that is taken in under the mask. */
  real: sha256,
  /** x_B */
  blended: sha256,
  /** x_T; null where the generator's mode makes none. */
  styled: sha256.nullable(),
  /** The fused simulated mask M, or the drawn one where no masks are learned. */
  fusedMask: mapReference,
  /** The simulated masks M_i, none where no masks are learned ... */
  masks: z.array(mapReference),
  /** ... beside the simulated-real maps P_i of the blended target. */
  maps: z.array(mapReference),
  /** The fused map P of the blended target. */
  fusedMap: mapReference,
  globalSpectrum: mapReference,
  localSpectrum: mapReference,
  /** Detector's logit for the blended target; above 0 means simulated. */
  logitBlended: z.number(),
  /** Detector's logit for the real crop. */
  logitReal: z.number(),
  /** The same in every sample of a step; absent in samples of older versions. */
  kernelCosines: kernelCosines.optional(),
});
export type RunSample = z.infer<typeof runSample>;

export const trainingRun = z.object({
  id,
  datasetId: id,
  datasetName: z.string(),
  /** True where the dataset holds rendered scenes. */
  rendered: z.boolean(),
  datasetManifestHash: sha256,
  /** The frozen version that it was trained on; null for runs from before datasets had versions. */
  datasetVersion: z.object({ number: z.number().int().positive(), contentHash: sha256 }).nullable(),
  state: jobState,
  createdAt: timestamp,
  startedAt: timestamp.nullable(),
  endedAt: timestamp.nullable(),
  request: startRunRequest,
  /** The whole effective configuration, as the engine resolved it. */
  config: z.record(z.string(), z.unknown()),
  /** What really ran it, e.g. `wasm`, with provider and device; null until the trainer said so. */
  backend: z.object({ name: z.string(), provider: z.string(), device: z.string() }).nullable(),
  step: z.number().int().nonnegative(),
  /** Seconds spent training so far, over all resumptions. */
  trainedSeconds: z.number().nonnegative(),
  latest: runMetric.nullable(),
  checkpointStep: z.number().int().nonnegative().nullable(),
  modelId: id.nullable(),
  error: errorData.nullable(),
  programVersion: z.string(),
});
export type TrainingRun = z.infer<typeof trainingRun>;

/** Of a run that has not begun: what its pace depends on. */
export const paceRequest = startRunRequest.pick({
  ...{ dataset: true, backend: true, provider: true, cacheMegabytes: true, overrides: true, seed: true },
});
export type PaceRequest = z.infer<typeof paceRequest>;
/** How fast such a run trains, as it was measured. */
export const runPace = z.object({
  /** An earlier run, or a probe of this one. */
  source: z.enum(['run', 'probe']),
  runId: id.nullable(),
  at: timestamp,
  backend: z.object({ name: z.string(), provider: z.string(), device: z.string() }),
  /** Detector steps behind the figure. */
  steps: z.number().int().positive(),
  /** Seconds of training for a detector step, with what it waits for data, without evaluations. */
  secondsPerStep: z.number().nonnegative(),
  /** Until the first iteration had ended: reading, choosing the backend, compiling; null where it was not measured. */
  prepareSeconds: z.number().nonnegative().nullable(),
  /** The trainer process's peak of memory by then, in units of 2^20 bytes, without a GPU's; null where it was not measured. */
  peakMegabytes: z.number().nonnegative().nullable(),
});
export type RunPace = z.infer<typeof runPace>;

export const runEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run'), run: trainingRun }),
  z.object({ type: z.literal('metric'), runId: id, metric: runMetric }),
  z.object({ type: z.literal('samples'), runId: id, step: z.number().int() }),
  z.object({ type: z.literal('checkpoint'), runId: id, step: z.number().int(), path: z.string() }),
  z.object({ type: z.literal('log'), runId: id, entry: runLogEntry }),
]);
export type RunEvent = z.infer<typeof runEvent>;

export const runsApi = {
  list: query(empty, z.array(trainingRun)),
  get: query(z.object({ id }), trainingRun),
  /** The pace of such a run where it was measured here before: the latest probe, or an earlier run. */
  pace: query(paceRequest, runPace.nullable()),
  /** Trains for some seconds without keeping anything, answers with one pace, and ends. Leaving stops it. */
  probe: subscription(paceRequest, runPace),
  start: mutation(startRunRequest, trainingRun),
  resume: mutation(z.object({ id }), trainingRun),
  /** Asks the trainer to end at a safe point, with a checkpoint; the run becomes `interrupted` and can be resumed. */
  stop: mutation(z.object({ id }), trainingRun),
  /** Asks the trainer to wait at a safe point, with a checkpoint; the run becomes `paused`, and `resume` goes on with it. */
  pause: mutation(z.object({ id }), trainingRun),
  /** Every point, or at most `points`, each the mean of an equal share of neighbours with the last step of them. */
  metrics: query(
    z.object({
      id,
      sinceStep: z.number().int().nonnegative().default(0),
      points: z.number().int().min(1).max(10_000).optional(),
    }),
    z.array(runMetric),
  ),
  /** Steps at which samples were kept. */
  sampleSteps: query(z.object({ id }), z.array(z.number().int())),
  samples: query(z.object({ id, step: z.number().int().nonnegative() }), z.array(runSample)),
  log: query(z.object({ id }), z.array(runLogEntry)),
  /** First the run (or all runs) as it is now, then every change; without an id, of all runs. Never ends by itself. */
  watch: subscription(z.object({ id: id.optional() }), runEvent),
};
