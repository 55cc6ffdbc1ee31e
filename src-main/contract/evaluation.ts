/** What a model was found to be worth on labelled pictures, with the curves that the models page draws. */
import { z } from 'zod';
import { mutation, query } from './api-definition.ts';
import { compressionTier } from './calibration.ts';
import { id, refusal, sha256, timestamp } from './common.ts';
import { verdictLabel } from './detection.ts';
import { pathToRead } from './host-path.ts';

export const evaluationFigure = z.object({
  value: z.number().nullable(),
  /** 95 %, by the bootstrap over groups. */
  interval: z.tuple([z.number(), z.number()]).nullable(),
  /** Why the value is null; empty otherwise. */
  reason: z.string(),
});
const points = z.object({ x: z.array(z.number()), y: z.array(z.number()) });
const verdictCounts = z.object({
  real: z.number().int(),
  simulated: z.number().int(),
  inconclusive: z.number().int(),
});

/** A judged picture as it is kept: without its map. */
export const evaluatedPicture = z.object({
  /** As the manifest names it. */
  path: z.string(),
  simulated: z.boolean(),
  category: z.string().nullable(),
  source: z.string(),
  tier: compressionTier.nullable(),
  group: z.string(),
  score: z.number(),
  llr: z.number().nullable(),
  verdict: verdictLabel,
  /** A small picture of it as it was judged; null where it was called neither way, and in older evaluations. */
  thumbnail: sha256.nullable().default(null),
});
export type EvaluatedPicture = z.infer<typeof evaluatedPicture>;

export const modelEvaluation = z.object({
  id,
  createdAt: timestamp,
  /** Path of the manifest. */
  manifest: z.string(),
  manifestSha256: sha256,
  counts: z.object({ real: z.number().int(), simulated: z.number().int() }),
  figures: z.record(z.string(), evaluationFigure),
  categories: z.array(z.object({ category: z.string(), simulated: z.number().int(), auc: evaluationFigure })),
  /** By how the pictures were saved; empty in older evaluations. */
  tiers: z.array(
    z.object({
      tier: z.union([compressionTier, z.literal('other')]),
      real: z.number().int(),
      simulated: z.number().int(),
      auc: evaluationFigure,
    }),
  ),
  /** Of pictures of one category or source, with ratios from a calibration that was made without them. */
  leftOut: z.array(
    z.object({
      kind: z.enum(['category', 'source']),
      name: z.string(),
      real: z.number().int(),
      simulated: z.number().int(),
      auc: evaluationFigure,
      cllr: evaluationFigure,
      /** Share of ratios on the wrong side of one. */
      misleading: evaluationFigure,
    }),
  ),
  /** Every picture after each small change; null where it was not asked for. */
  robustness: z
    .array(
      z.object({
        kind: z.string(),
        level: z.number(),
        auc: evaluationFigure,
        inconclusive: evaluationFigure,
        changed: evaluationFigure,
      }),
    )
    .nullable(),
  /** What real ones and simulated ones were called. */
  verdicts: z.object({ real: verdictCounts, simulated: verdictCounts }),
  curves: z.object({
    /** False- against true-positive rate; recall against precision; normal deviates of both error rates. */
    roc: points,
    precisionRecall: points,
    det: points,
    /** Claimed against observed share of simulated ones at even prior odds; nothing without ratios. */
    reliability: points,
    /** Share of either class whose llr is at least x. */
    tippett: z.object({ x: z.array(z.number()), real: z.array(z.number()), simulated: z.array(z.number()) }),
    /** Counts of scores about x: of the real ones, and of each category. */
    histogram: z.object({ x: z.array(z.number()), counts: z.record(z.string(), z.array(z.number().int())) }),
  }),
  /** Pictures that were called the wrong way, those furthest off first. */
  worst: z.array(evaluatedPicture),
});
export type ModelEvaluation = z.infer<typeof modelEvaluation>;

/** A picture of which two models say different things. */
export const verdictChange = z.object({
  path: z.string(),
  from: verdictLabel,
  to: verdictLabel,
  /** Of a labelled picture of an evaluation; null for one that was judged. */
  simulated: z.boolean().nullable(),
  /** Null where none was kept. */
  thumbnail: sha256.nullable(),
});
export type VerdictChange = z.infer<typeof verdictChange>;

/** What changes where one model takes another's place, as far as both gave verdicts on the same pictures. */
export const promotion = z.object({
  /** The model that was current before; null where there was none, or it is the same. */
  from: id.nullable(),
  to: id,
  /** Pictures that both gave a verdict on. */
  compared: z.number().int(),
  /** Pictures that only the former one gave a verdict on. */
  unseen: z.number().int(),
  changes: z.array(verdictChange),
});
export type Promotion = z.infer<typeof promotion>;

/** Two models on the same labelled pictures, each as it was last evaluated on them. */
export const modelComparison = z.object({
  manifest: z.string(),
  /** Pictures that both judged. */
  pictures: z.number().int(),
  /** Figures by name; either side's own, on all that it judged. */
  figures: z.record(z.string(), z.object({ from: evaluationFigure, to: evaluationFigure })),
  /** DeLong's test, paired by group; null with fewer than two groups of either label. */
  auc: z
    .object({
      first: z.number(),
      second: z.number(),
      difference: z.number(),
      interval: z.tuple([z.number(), z.number()]),
      p: z.number(),
    })
    .nullable(),
  changes: z.array(verdictChange),
});
export type ModelComparison = z.infer<typeof modelComparison>;

export const evaluationRequest = z.object({
  /** CSV: path,label[,mask][,category][,group][,source]. */
  manifest: pathToRead,
  /** Models that are evaluated on it, one after another. */
  models: z.array(id).min(1).max(2),
  /** Judge every picture also after each of the small changes; some fifteen times the work. */
  robustness: z.boolean().default(false),
});
/** What became of it; the figures are kept with the models. */
export const evaluationReport = z.object({
  /** By model, in their order. */
  evaluations: z.array(z.object({ id, modelId: id, judged: z.number().int() })),
  /** Pictures that could not be judged, each once. */
  failed: z.array(refusal),
});
export type EvaluationReport = z.infer<typeof evaluationReport>;

export const evaluationsApi = {
  /** Starts a job that evaluates models on a list of labelled pictures, which are only read. */
  start: mutation(evaluationRequest, z.object({ jobId: id })),
  /** Null where no list of pictures was judged by both. */
  compare: query(z.object({ from: id, to: id }), z.object({ comparison: modelComparison.nullable() })),
  /** Newest first. */
  ofModel: query(z.object({ modelId: id }), z.array(modelEvaluation)),
  promotion: query(z.object({ from: id.nullable(), to: id }), promotion),
};
