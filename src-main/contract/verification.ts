/** What a verification of the workspace looked at and found. */
import { z } from 'zod';
import { auditHead } from './audit.ts';
import { empty, timestamp } from './common.ts';
import { mutation } from './api-definition.ts';
import { timeStamp } from './time-stamp.ts';

export const verificationFinding = z.object({
  /** A notice is nothing wrong, but must be known, e.g. that the clock was set back. */
  severity: z.enum(['error', 'notice']),
  area: z.enum(['database', 'log', 'head', 'results', 'references', 'blobs', 'checkpoints', 'time-stamps']),
  message: z.string(),
  /** The entry of the log that it concerns: the wrong one, or the one that recorded what is wrong. */
  entry: z.number().int().positive().nullable(),
});
export type VerificationFinding = z.infer<typeof verificationFinding>;

export const verificationReport = z.object({
  /** No error was found. */
  ok: z.boolean(),
  at: timestamp,
  head: auditHead,
  /** Those that hold: an entry that one is of, and all before it, were there at its time. */
  timeStamps: z.array(timeStamp).default([]),
  /** The lowest entry that an error in the log itself or its head names. */
  firstWrongEntry: z.number().int().positive().nullable(),
  checked: z.object({
    entries: z.number().int(),
    results: z.number().int(),
    references: z.number().int(),
    blobs: z.number().int(),
    bytes: z.number(),
    checkpoints: z.number().int(),
  }),
  /** Errors first; at most 200. */
  findings: z.array(verificationFinding),
  /** Findings beyond those. */
  moreFindings: z.number().int(),
});
export type VerificationReport = z.infer<typeof verificationReport>;

export const verificationApi = {
  /** Starts a job that verifies the workspace; its result is the report. */
  start: mutation(empty, z.object({ jobId: z.string() })),
};
