/** How a model's scores become likelihood ratios, what that was measured on, and the statement that a verdict makes by it. */
import { z } from 'zod';

export const compressionTier = z.enum(['lossless', 'jpeg_high', 'jpeg_medium']);
export type CompressionTier = z.infer<typeof compressionTier>;

export const calibrationMap = z.discriminatedUnion('kind', [
  /** llr = slope * score + offset */
  z.object({ kind: z.literal('logistic'), slope: z.number().nonnegative(), offset: z.number() }),
  /** `llrs[i]` from `from[i - 1]` on; one more value than steps. */
  z.object({ kind: z.literal('isotonic'), from: z.array(z.number()), llrs: z.array(z.number()).min(1) }),
]);

export const estimate = z.object({
  value: z.number().nullable(),
  /** 95 %, by the bootstrap over groups; null where there are too few. */
  interval: z.tuple([z.number(), z.number()]).nullable(),
});
export type Estimate = z.infer<typeof estimate>;

/** Natural logarithms of ratios. */
export const ratioBounds = z.object({ lower: z.number().max(0), upper: z.number().min(0) });

export const reliabilityBin = z.object({
  claimed: z.number(),
  observed: z.number(),
  real: z.number().int(),
  simulated: z.number().int(),
});

/** Of the pictures of one compression tier. */
export const tierCalibration = z.object({
  tier: compressionTier,
  map: calibrationMap,
  /** The furthest ratios that the amount of validation data supports. */
  bounds: ratioBounds,
  counts: z.object({
    real: z.number().int(),
    simulated: z.number().int(),
    realGroups: z.number().int(),
    simulatedGroups: z.number().int(),
  }),
  /** `auc`, `ap`, `eer`, `cllrMin` of the scores; `cllr` of ratios by calibrations that had not seen the picture's group. */
  figures: z.object({ auc: estimate, ap: estimate, eer: estimate, cllr: estimate, cllrMin: estimate }),
  reliability: z.array(reliabilityBin),
  categories: z.array(
    z.object({
      category: z.string(),
      simulated: z.number().int(),
      auc: estimate,
      /** The interval of the AUC reaches one half. */
      atChance: z.boolean(),
    }),
  ),
  atChance: z.boolean(),
});
export type TierCalibration = z.infer<typeof tierCalibration>;

/** What pictures a model was validated on. */
export const validatedDomain = z.object({
  /** Pixels of the smallest and the largest validation picture. */
  pixels: z.object({ least: z.number().int().positive(), most: z.number().int().positive() }),
  /** Groups of validation photographs in colour, and without any colour. */
  coloured: z.number().int().nonnegative(),
  grey: z.number().int().nonnegative(),
  /** They were scenes that the program rendered. */
  rendered: z.boolean(),
});

/** Mean, covariance factor and limit of the numbers that describe a picture to the detector (inference/picture-features.ts). */
export const featureDensity = z.object({
  mean: z.array(z.number()),
  factor: z.array(z.number()),
  limit: z.number().positive(),
});

export const propositions = z.object({
  /** In words, what "simulated" stands for. */
  simulated: z.string(),
  real: z.string(),
});

export const modelCalibration = z.object({
  /** Only tiers with enough groups of both classes. */
  tiers: z.array(tierCalibration).min(1),
  domain: validatedDomain,
  /** Null where there were too few groups for one. */
  density: featureDensity.nullable(),
  /** A ratio within e^-band to e^band supports no verdict. */
  band: z.number().positive(),
  propositions,
});
export type ModelCalibration = z.infer<typeof modelCalibration>;

/** What a verdict says, and on what grounds. */
export const verdictStatement = z.object({
  propositions,
  tier: compressionTier.nullable(),
  /** Null where the picture lies outside what the model was validated on. */
  bounds: ratioBounds.nullable(),
  /** A ratio within e^-band to e^band supports no verdict. */
  band: z.number().positive(),
  /** The calibration gave a ratio beyond the bounds, which was cut to them. */
  cut: z.boolean(),
  /** The ratio in the words of the verbal scale; null where there is no ratio. */
  verbal: z.string().nullable(),
  /** Why the verdict is inconclusive, each in a sentence; empty for another verdict. */
  obstacles: z.array(z.string()),
  /** What limits the statement, whatever the verdict. */
  limits: z.array(z.string()),
});
export type VerdictStatement = z.infer<typeof verdictStatement>;
