/**
 * One measured row of the study, as it is kept in resources/validation/method.json and printed by `bench method --json`.
 * Every value is an AUC or a rate in [0, 1], or null where it is not defined; intervals are 95 %.
 */
import { z } from 'zod';

const figure = z.number().nullable();
const interval = z.tuple([z.number(), z.number()]).nullable();
const perOperation = z.record(z.string(), figure);
const bothSavings = z.object({ native: figure, q90: figure });

const ownFigures = {
  /** AUC of the pictures' scores, files as they are. */
  native: figure,
  /** The same after both classes were saved again. */
  q90: figure,
  /** AUC of the map's cells inside the masks against those outside, saved again. */
  pixel: figure,
  pixel_native: figure,
  /** Mean of every picture's own pixel AUC. */
  pixel_within: figure,
  pixel_within_native: figure,
  intervals: z.record(z.string(), interval),
  counts: z.object({ real: z.number(), simulated: z.number(), masks: z.number() }),
};
const setFigures = z.object({ ...ownFigures, categories: z.record(z.string(), z.object(ownFigures)) });
export type SetFigures = z.infer<typeof setFigures>;

export const studyRow = z.object({
  name: z.string(),
  title: z.string(),
  seed: z.number(),
  /** Detector steps. */
  steps: z.number(),
  crop: z.number(),
  photographs: z.string(),
  overrides: z.record(z.string(), z.unknown()),
  /** SHA-256 over the method's version and the whole training configuration. */
  config_hash: z.string(),
  /** SHA-256 over the protocol's version and all files that were trained on and judged. */
  data_hash: z.string(),
  /** AUC of each operation on crops of the test photographs. */
  lossless: perOperation,
  q90: perOperation,
  mean_lossless: figure,
  mean_q90: figure,
  /** Of the crops' maps, lossless. */
  pixel_auc: figure,
  pixel_auc_q90: figure,
  /** False alarms on test photographs; the threshold is set on others of them. */
  fpr_real: figure,
  fpr_real_q90: figure,
  /** False alarms on real photographs of other sources, at the threshold of all test photographs. */
  fpr_sources: z.record(z.string(), bothSavings),
  sets: z.record(z.string(), setFigures),
  /** AUC of other scores of a picture: set -> score -> saving. */
  scores: z.record(z.string(), z.record(z.string(), bothSavings)),
  intervals: z.object({
    lossless: z.record(z.string(), interval),
    q90: z.record(z.string(), interval),
    mean_lossless: interval,
    mean_q90: interval,
    pixel_auc: interval,
    pixel_auc_q90: interval,
    fpr_real: interval,
    fpr_real_q90: interval,
  }),
  counts: z.object({
    training_photographs: z.number(),
    test_photographs: z.number(),
    crops_an_operation: z.number(),
  }),
  /** Pictures that could not be judged. */
  skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
  /** Of the program when the row was finished; null outside a checkout, `-dirty` where its source differs from it. */
  commit: z.string().nullable(),
  /** The commits that its training was begun and resumed at, where they differ from `commit`. */
  earlier_commits: z.array(z.string()),
  program_version: z.string(),
  machine: z.object({ cpu: z.string(), cores: z.number(), platform: z.string() }),
  threads: z.number(),
  backend: z.string(),
  /** When the row was finished, ISO 8601. */
  date: z.string(),
  seconds: z.object({ training: z.number(), evaluation: z.number() }),
});
export type StudyRow = z.infer<typeof studyRow>;

/** What makes two measurements the same one. */
export type RowKey = Pick<StudyRow, 'name' | 'seed' | 'steps' | 'config_hash' | 'data_hash'>;

export const sameRow = (a: RowKey, b: RowKey): boolean =>
  a.name === b.name &&
  a.seed === b.seed &&
  a.steps === b.steps &&
  a.config_hash === b.config_hash &&
  a.data_hash === b.data_hash;
