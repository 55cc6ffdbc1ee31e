/** Small schemas that several features share. */
import { z } from 'zod';
import { errorData } from './errors.ts';

/** Lower-case hexadecimal SHA-256 of a file's bytes; also its address in the blob store. */
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Milliseconds since 1970-01-01 UTC. */
export const timestamp = z.number().int().nonnegative();
export const id = z.string().min(1).max(80);

/** The states of every long job and every training run. */
export const jobState = z.enum(['queued', 'running', 'paused', 'done', 'failed', 'cancelled', 'interrupted']);
export type JobState = z.infer<typeof jobState>;

export const progress = z.object({
  done: z.number().nonnegative(),
  /** Zero while the total is not known yet. */
  total: z.number().nonnegative(),
  /** Items a second over the last few seconds. */
  rate: z.number().nonnegative(),
  etaSeconds: z.number().nonnegative().nullable(),
  /** What is being done now, e.g. the file's name. */
  label: z.string(),
});
export type Progress = z.infer<typeof progress>;

/** A file that could not be handled, with the reason. */
export const refusal = z.object({ path: z.string(), error: errorData });
export type Refusal = z.infer<typeof refusal>;

export const empty = z.object({});
export const page = z.object({
  offset: z.number().int().nonnegative().default(0),
  limit: z.number().int().min(1).max(500).default(100),
});
