/**
 * What passes between the application and the trainer process. The trainer reads pictures and writes files; it never
 * touches the database, so that a crash of it can harm nothing but itself.
 */
import { z } from 'zod';
import { id, sha256 } from './common.ts';
import { datasetLabel, split } from './dataset.ts';
import { errorData } from './errors.ts';
import { modelPassport } from './model.ts';
import {
  backendName,
  cacheMegabytes,
  kernelCosines,
  providerName,
  runLogEntry,
  runMetric,
  stopCondition,
} from './training-run.ts';

export const trainerPhotograph = z.object({
  /** The blob's file. */
  path: z.string(),
  sha256,
  label: datasetLabel,
  split,
  category: z.string().nullable(),
  maskPath: z.string().nullable(),
  /** Of the mask's file. Absent without a mask, and in the lists of runs that began before masks were trained on. */
  maskSha256: sha256.optional(),
  /** Its licence or terms of use, in words; absent where nobody said. */
  licence: z.string().optional(),
  /** Pictures of one group depend on each other. Absent in the lists of runs that began before it was kept. */
  group: z.string().optional(),
});
export type TrainerPhotograph = z.infer<typeof trainerPhotograph>;

export const trainerStart = z.object({
  type: z.literal('start'),
  runId: id,
  photographs: z.array(trainerPhotograph),
  datasetName: z.string(),
  datasetManifestHash: sha256,
  /** Absent for runs that began before datasets had versions. */
  datasetVersion: z.object({ number: z.number().int().positive(), contentHash: sha256 }).optional(),
  rendered: z.boolean(),
  programVersion: z.string(),
  seed: z.number().int(),
  stop: stopCondition,
  backend: backendName,
  provider: providerName.optional(),
  /** The file in which `auto` remembers what it measured; it remembers nothing where absent. */
  backendMeasurements: z.string().optional(),
  overrides: z.record(z.string(), z.unknown()),
  /** The run's own folder; checkpoints, samples and the exported model are written below it. */
  directory: z.string(),
  cacheMegabytes: cacheMegabytes.optional(),
  /** A checkpoint file to go on from. */
  resumeFrom: z.string().nullable(),
  /** Seconds already trained before this resumption. */
  trainedSeconds: z.number().nonnegative(),
});
export type TrainerStart = z.infer<typeof trainerStart>;

/** Application to trainer. `stop` asks for a checkpoint at the next safe point, then the end. */
export const toTrainer = z.discriminatedUnion('type', [trainerStart, z.object({ type: z.literal('stop') })]);
export type ToTrainer = z.infer<typeof toTrainer>;

const mapFile = z.object({
  path: z.string(),
  width: z.number().int(),
  height: z.number().int(),
  bits: z.union([z.literal(8), z.literal(16)]),
  min: z.number(),
  max: z.number(),
  unit: z.string(),
});
export type MapFile = z.infer<typeof mapFile>;
/** `runSample` of training-run.ts before its files have become blobs: the same fields, with paths. */
export const sampleFiles = z.object({
  index: z.number().int(),
  reference: z.string(),
  real: z.string(),
  blended: z.string(),
  styled: z.string().nullable(),
  fusedMask: mapFile,
  masks: z.array(mapFile),
  maps: z.array(mapFile),
  fusedMap: mapFile,
  globalSpectrum: mapFile,
  localSpectrum: mapFile,
  logitBlended: z.number(),
  logitReal: z.number(),
  kernelCosines,
});
export type SampleFiles = z.infer<typeof sampleFiles>;

/** Trainer to application. `done`, `stopped` and `failed` are last words; an exit without one is a crash. */
export const fromTrainer = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    backend: z.object({ name: z.string(), provider: z.string(), device: z.string() }),
    config: z.record(z.string(), z.unknown()),
  }),
  z.object({
    type: z.literal('metric'),
    metric: runMetric,
    trainedSeconds: z.number(),
    /** The process's peak so far, in units of 2^20 bytes. */
    peakMegabytes: z.number(),
  }),
  z.object({ type: z.literal('samples'), step: z.number().int(), samples: z.array(sampleFiles) }),
  z.object({
    type: z.literal('checkpoint'),
    step: z.number().int(),
    path: z.string(),
    trainedSeconds: z.number(),
  }),
  z.object({ type: z.literal('log'), entry: runLogEntry }),
  z.object({ type: z.literal('stopped'), step: z.number().int() }),
  z.object({
    type: z.literal('done'),
    step: z.number().int(),
    model: z.object({ path: z.string(), passport: modelPassport }),
  }),
  z.object({ type: z.literal('failed'), error: errorData }),
]);
export type FromTrainer = z.infer<typeof fromTrainer>;
