/** The audit log: what was done to a workspace, by whom and when, as a chain in which each entry holds the hash of the one before. */
import { z } from 'zod';
import { query } from './api-definition.ts';
import { page, sha256, timestamp } from './common.ts';

/**
 * Every action that the log knows, `subject.what-happened`, one a line. A feature adds its own here; one that was
 * released keeps its name, because old logs hold it.
 */
export const auditActions = [
  // the workspace itself
  /** The first entry of a new workspace. */
  'workspace.created',
  /** The first entry of a workspace from before there was a log; its payload seals the results that it found. */
  'workspace.log-begun',
  /** Rows of tables that earlier versions did not seal are sealed as they were found. */
  'workspace.seals-begun',
  /** On opening, the log was not the one that the head file told of. */
  'workspace.head-mismatched',
  'workspace.backed-up',
  /** A time stamp of its log's head was taken in. */
  'workspace.head-stamped',
  /** It was made from a backup of another workspace; the entries before are those of the backup. */
  'workspace.restored',
  'setting.changed',
  /** Files were removed to which nothing referred. */
  'storage.collected',
  /** All files were copied into another folder, which holds them from now on. */
  'storage.moved',
  /** Nothing is left of them where they were before. */
  'storage.old-files-removed',
  // training runs
  'run.started',
  /** It waits at a safe point, with a checkpoint, until it is resumed. */
  'run.paused',
  'run.resumed',
  'run.ended',
  // models
  /** A run exported it. */
  'model.trained',
  'model.imported',
  /** It became the one that detection uses. */
  'model.chosen',
  'model.exported',
  /** What it was found to be worth on a manifest of labelled pictures. */
  'model.evaluated',
  // detection
  'verdict.given',
  // analyses
  'analysis.recorded',
  // imported lists
  /** Of hashes of known files, or of certificates. */
  'list.imported',
  'list.removed',
  // triage
  'triage.started',
  /** It is carried by a queue that machines share; the payload names the server. */
  'triage.queue-opened',
  'triage.item-judged',
  'triage.item-failed',
  'triage.failures-retried',
  'triage.rules-set',
  'triage.priority-set',
  'triage.exported',
  /** Pictures were sent to a case, whose own entries say what was taken in. */
  'triage.sent-to-case',
  // cases and evidence
  'case.created',
  'case.edited',
  'case.evidence-checked',
  'case.exported',
  'case.imported',
  'evidence.taken-in',
  'evidence.edited',
  /** Its original was found in another state than before. */
  'evidence.state-changed',
  /** The same bytes were taken in again for an item whose original was not intact. */
  'evidence.restored',
  // reviews by examiners
  /** The payload does not tell what it concludes. */
  'review.recorded',
  /** From here on what the item's reviews conclude is told, and whether they agree. */
  'review.opened',
  // notes on regions of evidence
  'region.noted',
  'region.changed',
  'region.removed',
  'region.restored',
  // reports
  'report.written',
  // datasets
  'dataset.created',
  /** Its items follow, each with an entry of its own. */
  'dataset.import-begun',
  /** With the reason, where the picture is evidence of a case. */
  'dataset.item-added',
  /** A bulk change; `digest` seals what was before and after. */
  'dataset.edited',
  /** More of the items that the entry before is about, with their seals. */
  'dataset.items-sealed',
  'dataset.edit-undone',
  'dataset.edit-redone',
  /** A run uses the dataset as it is: from now on that version never changes. */
  'dataset.version-frozen',
  'dataset.exported',
] as const;
export type AuditAction = (typeof auditActions)[number];

/** What an action is about. `id` is the subject's own; of the workspace it is `workspace`. */
export const auditSubjectKinds = [
  'workspace',
  'dataset',
  'run',
  'model',
  'verdict',
  'triage',
  'analysis',
  'job',
  'case',
  'evidence',
  'report',
  'list',
] as const;
export type AuditSubject = { kind: (typeof auditSubjectKinds)[number]; id: string };

export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };
export type JsonObject = { readonly [key: string]: JsonValue | undefined };

/** What a service says of an action; the log adds the rest. */
export type AuditEvent = { action: AuditAction; subject: AuditSubject; payload?: JsonObject };

export const auditEntry = z.object({
  /** From 1, without gaps. */
  sequence: z.number().int().positive(),
  /** Hash of the entry before; 64 zeros in the first. */
  previous: sha256,
  /** SHA-256 over the canonical JSON of all other fields. */
  hash: sha256,
  /** As the machine's clock said; the order of entries is their sequence, whatever the clock did. */
  at: timestamp,
  examiner: z.string(),
  action: z.string(),
  subject: z.object({ kind: z.string(), id: z.string() }),
  payload: z.record(z.string(), z.json()),
});
export type AuditEntry = z.infer<typeof auditEntry>;

/** How long the log is, and the hash of its last entry (64 zeros of an empty one). */
export const auditHead = z.object({ entries: z.number().int().nonnegative(), hash: sha256 });
export type AuditHead = z.infer<typeof auditHead>;

/** An entry as lists show it. */
export const auditLine = auditEntry.omit({ payload: true });
export type AuditLine = z.infer<typeof auditLine>;
export const auditQuery = page.extend({
  /** What the actions are about. */
  kind: z.enum(auditSubjectKinds).optional(),
  /** Part of the action, the examiner, the id of what it is about, or the payload, in upper or lower case. */
  text: z.string().max(200).optional(),
});
export type AuditQuery = z.infer<typeof auditQuery>;

export const auditLogApi = {
  /** Newest first, with how many answer the question and the head of the whole log. */
  entries: query(
    auditQuery,
    z.object({ entries: z.array(auditLine), total: z.number().int().nonnegative(), head: auditHead }),
  ),
  get: query(z.object({ sequence: z.number().int().positive() }), auditEntry),
};
