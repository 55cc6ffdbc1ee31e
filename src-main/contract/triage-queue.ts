/** What travels through the queue that carries triage between machines: pictures by their paths and hashes one way, what was measured of them the other. */
import { z } from 'zod';
import { sha256 } from './common.ts';
import { errorData } from './errors.ts';
import { stabilityLook } from './judge-messages.ts';
import { stabilityWhen } from './stability.ts';

/** What a detector and the file say of a picture; the statement on it is made where the workspace is. */
export const measuredPicture = z.object({
  /** Of the bytes that were judged. */
  sha256,
  picture: z.object({
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    format: z.string().min(1),
    quality: z.number().nullable(),
    grey: z.boolean(),
    rendered: z.boolean(),
  }),
  camera: z.string().nullable(),
  taken: z.string().nullable(),
  score: z.number(),
  tiles: z.number().int().positive(),
  features: z.array(z.number()),
  /** Null where the picture was not judged anew after changes. */
  look: stabilityLook.nullable(),
  /** ONNX Runtime's execution provider, and the worker where it was another machine's. */
  provider: z.string().min(1),
  ms: z.object({
    decode: z.number().nonnegative(),
    infer: z.number().nonnegative(),
    total: z.number().nonnegative(),
  }),
});
export type MeasuredPicture = z.infer<typeof measuredPicture>;

/** A picture as it waits in the queue. */
export const queuedPicture = z.object({
  /** Absolute, as the machine that holds the workspace sees it. */
  path: z.string().min(1),
  /** What a worker must find there. */
  sha256,
  /** Whether it is to be judged anew after changes as well. */
  stability: stabilityWhen,
});
export type QueuedPicture = z.infer<typeof queuedPicture>;

/** What a worker answers; a picture that cannot be judged is an answer too. */
export const queuedOutcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('measured'), measured: measuredPicture }),
  z.object({ kind: z.literal('failed'), error: errorData }),
]);
export type QueuedOutcome = z.infer<typeof queuedOutcome>;

/** What a run that is under way tells of itself, so that a worker that cannot serve it says so. */
export const queueNotice = z.object({
  /** SHA-256 of the model's file. */
  model: sha256,
  /** Of the program that holds the workspace. */
  version: z.string().min(1),
});
export type QueueNotice = z.infer<typeof queueNotice>;
