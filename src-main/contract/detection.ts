/** Verdicts: what a model says of a picture, with its maps. */
import { z } from 'zod';
import { verdictStatement } from './calibration.ts';
import { id, page, refusal, sha256, timestamp } from './common.ts';
import { modelReference, pathToRead } from './host-path.ts';
import { mapReference } from './media.ts';
import { mutation, query } from './api-definition.ts';
import { explanation } from './explanation.ts';
import { stability } from './stability.ts';

export const verdictLabel = z.enum(['real', 'simulated', 'inconclusive']);
export type VerdictLabel = z.infer<typeof verdictLabel>;

export const verdict = z.object({
  id,
  path: z.string(),
  /** Of the original, which is kept in the blob store, or is evidence that is kept by reference. */
  sha256,
  /** The item of evidence that it is on; null for a picture that was judged by itself. */
  evidence: id.nullable(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  format: z.string(),
  /** True for pictures that this program rendered. */
  rendered: z.boolean(),
  verdict: verdictLabel,
  /** One sentence: why this verdict, and against what it was measured. */
  reason: z.string(),
  /** How the pixels were read, e.g. "16 bits a channel reduced to 8", "first of 12 frames". */
  notes: z.array(z.string()),
  /** Aggregated logit, natural log odds of the network, not a probability of guilt. */
  score: z.number(),
  /** Natural-log likelihood ratio, within its bounds; null where the model supports none for this picture. */
  llr: z.number().nullable(),
  /** What the verdict says, and on what grounds; null for verdicts from before models were calibrated. */
  statement: verdictStatement.nullable(),
  /** How the verdict held under small changes of the picture; null where that was not looked at. */
  stability: stability.nullable(),
  /** Why it got its score; null for verdicts from before that was kept. */
  explanation: explanation.nullable(),
  tiles: z.number().int().positive(),
  /** A picture that any browser shows: the original's pixels, unscaled unless very large. Derived, never evidence. */
  preview: sha256,
  maps: z.object({
    /** The part of the picture that the maps over it cover, from the upper left corner, in pixels; the rest was not seen. */
    covers: z.object({ width: z.number().int().positive(), height: z.number().int().positive() }),
    /** P, in [0, 1]. */
    simulation: mapReference,
    /** P_i */
    kernels: z.array(mapReference),
    /** The low-rank residual A - L: root mean square of what the denoising left over, per 8x8 block. */
    localSpectrum: mapReference,
    /**
     * The local spectrum A itself: root mean square per 8x8 block. Null for verdicts from before it was kept, and of models
     * whose files do not give it.
     */
    blockSpectrum: mapReference.nullable().default(null),
    /** Log-magnitude of the DCT, averaged over tiles; vertical frequency down, horizontal to the right. */
    globalSpectrum: mapReference,
    /** The detector's logit of each tile, over the picture. */
    tileScores: mapReference,
  }),
  model: z.object({ id, sha256, name: z.string() }),
  provider: z.string(),
  ms: z.object({ decode: z.number(), infer: z.number(), total: z.number() }),
  createdAt: timestamp,
});
export type Verdict = z.infer<typeof verdict>;

export const detectionReport = z.object({ verdicts: z.array(id), failed: z.array(refusal) });
export type DetectionReport = z.infer<typeof detectionReport>;

export const detectionRequest = z.object({
  paths: z.array(pathToRead).min(1),
  /** The current one where none is named. */
  model: modelReference.optional(),
});
export type DetectionRequest = z.infer<typeof detectionRequest>;

export const detectionApi = {
  start: mutation(detectionRequest, z.object({ jobId: id })),
  list: query(page, z.object({ verdicts: z.array(verdict), total: z.number().int() })),
  get: query(z.object({ id }), verdict),
};
