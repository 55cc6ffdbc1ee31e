/** Triage: folders of any size judged in bulk by their scores, sorted by rules, without maps. */
import { z } from 'zod';
import { empty, id, page, refusal, sha256, timestamp } from './common.ts';
import { verdictLabel } from './detection.ts';
import { mutation, query } from './api-definition.ts';
import { pathToRead, pathToWrite } from './host-path.ts';
import { stability, stabilityWhen } from './stability.ts';

const priority = z.number().int().min(-1000).max(1000);
export const triageFolder = z.object({
  path: pathToRead,
  /** Pictures of a higher one come first. */
  priority: priority.default(0),
});
export type TriageFolder = z.infer<typeof triageFolder>;

/** `2026-11-25`, or any beginning of a date and time as metadata hold them. */
const dateStart = z.string().regex(/^\d{4}(-\d\d(-\d\d(T[\d:]{2,8})?)?)?$/);
/** A picture goes to the pile of the first rule of which it fulfils every condition. */
export const triageRule = z.strictObject({
  pile: z.string().min(1).max(80),
  verdict: z.array(verdictLabel).min(1).optional(),
  scoreFrom: z.number().optional(),
  scoreTo: z.number().optional(),
  llrFrom: z.number().optional(),
  llrTo: z.number().optional(),
  /** The name of the folder that holds the picture. */
  category: z.string().optional(),
  /** Part of the camera's maker and model, in upper or lower case. */
  camera: z.string().min(1).optional(),
  /** Taken at this date or later, and at it or earlier, as the file says. */
  takenFrom: dateStart.optional(),
  takenTo: dateStart.optional(),
});
export type TriageRule = z.infer<typeof triageRule>;
export const triageRules = z.array(triageRule).max(100);

/** Strict: a queue that other machines share cannot be named by a call, only on the command line. */
export const triageRequest = z.strictObject({
  folders: z.array(triageFolder).min(1),
  title: z.string().max(200).optional(),
  /** Id of a model; the current one where none is named. */
  model: z.string().optional(),
  rules: triageRules.default([]),
  /** Of which pictures the stability of the verdict is looked at: nineteen judgements of each in the place of one. */
  stability: stabilityWhen.default('never'),
});
export type TriageRequest = z.infer<typeof triageRequest>;

const count = z.number().int().nonnegative();
export const triageRun = z.object({
  id,
  title: z.string(),
  createdAt: timestamp,
  folders: z.array(triageFolder),
  model: z.object({ id, name: z.string(), sha256 }),
  rules: triageRules,
  stability: stabilityWhen,
  /** Whether every folder was listed to its end; before that, the counts still grow. */
  listed: z.boolean(),
  /** Of the job that works on it just now; null where it waits to be gone on with, or is done. */
  jobId: id.nullable(),
  counts: z.object({ waiting: count, judged: count, failed: count }),
});
export type TriageRun = z.infer<typeof triageRun>;

export const triageResult = z.object({
  id,
  path: z.string(),
  category: z.string(),
  sha256,
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  format: z.string(),
  verdict: verdictLabel,
  reason: z.string(),
  score: z.number(),
  llr: z.number().nullable(),
  /** Null where it was not looked at, which the reason of a verdict says. */
  stability: stability.nullable(),
  tiles: z.number().int().positive(),
  /** Maker and model, as the file says. */
  camera: z.string().nullable(),
  /** When it was taken, as the file says. */
  taken: z.string().nullable(),
  provider: z.string(),
  judgedAt: timestamp,
  ms: z.object({ decode: z.number(), infer: z.number(), total: z.number() }),
  /** Of the run's rules; null where it fulfils none. */
  pile: z.string().nullable(),
});
export type TriageResult = z.infer<typeof triageResult>;

export const triageOrder = z.enum(['judged', 'score', 'category', 'camera', 'taken']);
export type TriageOrder = z.infer<typeof triageOrder>;
export const triageQuery = page.extend({
  run: id,
  pile: z.string().optional(),
  verdict: verdictLabel.optional(),
  category: z.string().optional(),
  /** `score`: highest first; the others ascending. */
  order: triageOrder.default('judged'),
});
export type TriageQuery = z.infer<typeof triageQuery>;

/** What the results of a run are, without those that wait or failed. */
export const triageSummary = z.object({
  verdicts: z.record(verdictLabel, count),
  /** By their names, the first 500. */
  categories: z.array(z.object({ name: z.string(), count })),
});
export type TriageSummary = z.infer<typeof triageSummary>;

export const triageReport = z.object({ run: id, judged: count, failed: count, waiting: count });
export type TriageReport = z.infer<typeof triageReport>;

export const triageFormat = z.enum(['csv', 'json']);
export type TriageFormat = z.infer<typeof triageFormat>;

const started = z.object({ run: id, jobId: id });
const byRun = z.object({ run: id });

export const triageApi = {
  start: mutation(triageRequest, started),
  /** Goes on with what waits, after a stop, a fault or a kill. */
  resume: mutation(byRun, started),
  list: query(empty, z.array(triageRun)),
  get: query(byRun, triageRun),
  summary: query(byRun, triageSummary),
  results: query(triageQuery, z.object({ results: z.array(triageResult), total: count })),
  failures: query(page.extend({ run: id }), z.object({ failures: z.array(refusal), total: count })),
  setRules: mutation(z.object({ run: id, rules: triageRules }), triageRun),
  /** Of the pictures that wait still and whose paths lie below this one; nothing is read there. Takes effect with the next. */
  setPriority: mutation(z.object({ run: id, below: z.string().min(1), priority }), triageRun),
  /** Puts the failures back among those that wait. */
  retry: mutation(byRun, triageRun),
  /** Takes the pictures of these results into a case, by copy; answers with the job of the intake. */
  sendToCase: mutation(
    z.object({
      run: id,
      results: z.array(id).min(1).max(10_000),
      /** Id or name. */
      case: z.string().min(1),
    }),
    z.object({ jobId: id }),
  ),
  export: mutation(
    z.object({ run: id, path: pathToWrite, format: triageFormat }),
    z.object({ path: z.string(), results: count, failures: count }),
  ),
};
