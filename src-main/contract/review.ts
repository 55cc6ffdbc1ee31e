/**
 * Reviews: what examiners themselves conclude of a picture. The first review of an item is sealed: no call gives out what it
 * concludes, to nobody, until another examiner has recorded theirs, or somebody opens it, which the audit log tells.
 */
import { z } from 'zod';
import { mutation, query } from './api-definition.ts';
import { id, sha256, timestamp } from './common.ts';
import { verdictLabel } from './detection.ts';

export const review = z.object({
  id,
  /** The item of evidence. */
  evidence: id,
  /** Of the bytes that it is on. */
  sha256,
  examiner: z.string(),
  /** 1 for the first of the item. */
  position: z.number().int().positive(),
  /** When it was recorded, no other review of the item was open. */
  blind: z.boolean(),
  createdAt: timestamp,
  /** Null while it is sealed. */
  openedAt: timestamp.nullable(),
  /** Null while it is sealed. */
  conclusion: z.object({ verdict: verdictLabel, reasons: z.string() }).nullable(),
});
export type Review = z.infer<typeof review>;

export const newReview = z.object({
  evidence: id,
  verdict: verdictLabel,
  reasons: z.string().trim().min(1).max(20_000),
});
export type NewReview = z.infer<typeof newReview>;

export const reviewsApi = {
  /** In the order in which they were recorded. */
  ofEvidence: query(z.object({ id }), z.array(review)),
  /** Records the conclusion of the workspace's examiner; the second of an item opens both. */
  record: mutation(newReview, review),
  /** Opens a sealed review without a second one. Whatever follows on the item is not blind. */
  open: mutation(z.object({ evidence: id, reason: z.string().trim().min(1).max(500) }), z.array(review)),
};
