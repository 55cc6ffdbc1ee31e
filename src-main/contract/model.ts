/** Trained detectors as ONNX files, with their passports. */
import { z } from 'zod';
import { empty, id, sha256, timestamp } from './common.ts';
import { mutation, query } from './api-definition.ts';
import { compressionTier, modelCalibration } from './calibration.ts';
import { pathToRead, pathToWrite } from './host-path.ts';

/**
 * What was measured on validation photographs (never trained on, never used as test). Scores are the detector's logits
 * aggregated over a picture's tiles. Older passports also held two thresholds of the score, which no verdict uses any more.
 */
export const modelValidation = z.object({
  /** Pictures judged: untouched validation photographs, and forgeries made from validation photographs. */
  realCount: z.number().int().nonnegative(),
  simulatedCount: z.number().int().nonnegative(),
  auc: z.number().nullable(),
  /** 95 % interval of the AUC, bootstrap over photographs; null where there are too few for one. */
  aucInterval: z.tuple([z.number(), z.number()]).nullable(),
  /** What the forgeries were, in words. */
  protocol: z.string(),
});
export type ModelValidation = z.infer<typeof modelValidation>;

/** How the logits of a picture's tiles become its score; `aggregateScore` says what each name means. */
export const scoreAggregation = z.enum([
  'top-tenth',
  'mean',
  'median',
  'top-quarter',
  'maximum',
  'log-mean-exp',
  'contrast',
]);
export type ScoreAggregation = z.infer<typeof scoreAggregation>;

/** How the aggregation was chosen: what was asked of it, and what each candidate was worth on the validation photographs. */
export const passportAggregation = z.object({
  criterion: z.string(),
  /** Means over the compression tiers: AUC, and the C_llr of held-out ratios. */
  candidates: z.array(z.object({ name: scoreAggregation, auc: z.number(), cllr: z.number() })),
});
/** The ways in which the detector reads a tile. */
export const branch = z.enum(['spatial', 'global', 'local']);
export type Branch = z.infer<typeof branch>;

/** A validation picture that others are compared to. */
export const referencePicture = z.object({
  /** Of the photograph's file. */
  photograph: sha256,
  tier: compressionTier,
  /** How it was forged from the photograph; null for the untouched one. */
  category: z.string().nullable(),
  /** inference/picture-features.ts */
  features: z.array(z.number()),
});
export type ReferencePicture = z.infer<typeof referencePicture>;
export type PassportAggregation = z.infer<typeof passportAggregation>;

/** The passport: written into the ONNX file's metadata and read back from it. */
export const modelPassport = z.object({
  methodVersion: z.string(),
  programVersion: z.string(),
  opset: z.number().int(),
  labels: z.array(z.string()),
  /** Of the input `pixels` [batch, tileSize, tileSize, 3]. */
  pixelFormat: z.literal('uint8 RGB, NHWC'),
  /** Side of a tile in pixels; tiles are cut at multiples of `alignment` pixels. */
  tileSize: z.number().int().positive(),
  alignment: z.number().int().positive(),
  kernels: z.number().int().positive(),
  /** Chosen on the validation photographs; what was measured there holds for its scores only. */
  scoreAggregation,
  /** Null where there were too few validation photographs to choose by, and in older passports. */
  aggregation: passportAggregation.nullable(),
  /** The detector's frequency branches. */
  frequencyBands: z.enum(['both', 'global', 'local', 'none']),
  /** The columns of the output `ablated`; none in older files, which lack it. */
  branches: z.array(branch),
  /** Which simulated samples the generator made. */
  generatorMode: z.enum(['both', 'blend', 'style', 'none']),
  /** From scores to likelihood ratios; null where there was too little validation data for one, and in older passports. */
  calibration: modelCalibration.nullable(),
  /** Some of the validation pictures; empty in older passports. */
  references: z.array(referencePicture),
  trainingConfigHash: sha256,
  datasetManifestHash: sha256,
  datasetName: z.string(),
  /** The frozen version of the dataset; null in passports from before datasets had versions. */
  datasetVersion: z.object({ number: z.number().int().positive(), contentHash: sha256 }).nullable(),
  /** The pictures that the run saw, training and validation together; null in older passports. */
  data: z
    .object({
      real: z.number().int().nonnegative(),
      reference: z.number().int().nonnegative(),
      simulated: z.number().int().nonnegative(),
      /** How many stand under which licence, the most frequent first; null where nobody said. */
      licences: z.array(z.object({ licence: z.string().nullable(), pictures: z.number().int().positive() })),
    })
    .nullable(),
  /** True where it was trained on rendered scenes. */
  rendered: z.boolean(),
  seed: z.number().int(),
  detectorSteps: z.number().int(),
  createdAt: timestamp,
  validation: modelValidation.nullable(),
  limits: z.array(z.string()),
  /** What it says nothing about, whatever its score; empty in older passports, which say so among the limits. */
  cannotJudge: z.array(z.string()),
});
export type ModelPassport = z.infer<typeof modelPassport>;

/** A passport as files hold it: older ones lack some fields, whose values were then fixed or are not known. */
export const writtenPassport = modelPassport.extend({
  pixelFormat: modelPassport.shape.pixelFormat.default('uint8 RGB, NHWC'),
  frequencyBands: modelPassport.shape.frequencyBands.default('both'),
  branches: modelPassport.shape.branches.default([]),
  generatorMode: modelPassport.shape.generatorMode.default('both'),
  scoreAggregation: scoreAggregation.default('top-tenth'),
  aggregation: modelPassport.shape.aggregation.default(null),
  calibration: modelPassport.shape.calibration.default(null),
  references: modelPassport.shape.references.default([]),
  datasetVersion: modelPassport.shape.datasetVersion.default(null),
  data: modelPassport.shape.data.default(null),
  cannotJudge: modelPassport.shape.cannotJudge.default([]),
});

export const model = z.object({
  id,
  /** Null for an imported one. */
  runId: id.nullable(),
  name: z.string(),
  /** Of the ONNX file, which is a blob. */
  sha256,
  bytes: z.number().int().positive(),
  createdAt: timestamp,
  /** The one that `detect` uses where none is named. */
  current: z.boolean(),
  passport: modelPassport,
});
export type Model = z.infer<typeof model>;

export const modelsApi = {
  list: query(empty, z.array(model)),
  get: query(z.object({ id }), model),
  use: mutation(z.object({ id }), model),
  import: mutation(z.object({ path: pathToRead }), model),
  /** Writes its ONNX file, in place of one that is there. */
  export: mutation(z.object({ id, path: pathToWrite }), model),
};
