/** Datasets: labelled photographs, copied into the workspace, split by group. */
import { z } from 'zod';
import { empty, id, page, refusal, sha256, timestamp } from './common.ts';
import { mutation, query } from './api-definition.ts';

export const datasetLabel = z.enum(['real', 'reference', 'simulated', 'unlabelled']);
export type DatasetLabel = z.infer<typeof datasetLabel>;
export const split = z.enum(['train', 'validation', 'test']);
export type Split = z.infer<typeof split>;

export const dataset = z.object({
  id,
  name: z.string().min(1).max(120),
  createdAt: timestamp,
  /** True where the pictures were rendered by this program, and must be labelled so wherever they are shown. */
  rendered: z.boolean(),
  items: z.number().int().nonnegative(),
  labels: z.record(datasetLabel, z.number().int().nonnegative()),
  splits: z.record(split, z.number().int().nonnegative()),
  /** SHA-256 over the sorted list of items (hash, label, split, mask, category): what a run was trained on. */
  manifestHash: sha256,
});
export type Dataset = z.infer<typeof dataset>;

export const datasetItem = z.object({
  id,
  datasetId: id,
  /** The original's bytes, unchanged, in the blob store. */
  sha256,
  label: datasetLabel,
  split,
  /** Pictures of one group never stand on two sides of a split. */
  group: z.string(),
  category: z.string().nullable(),
  mask: sha256.nullable(),
  /** Where it was taken from; a display name, not a promise that it is still there. */
  sourcePath: z.string(),
  /** Encoded format as sniffed from the bytes: `jpeg`, `png`, ... */
  format: z.string(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  bytes: z.number().int().positive(),
  thumbnail: sha256,
  addedAt: timestamp,
});
export type DatasetItem = z.infer<typeof datasetItem>;

export const importReport = z.object({
  datasetId: id,
  dataset: z.string(),
  added: z.array(z.object({ path: z.string(), sha256 })),
  duplicates: z.array(z.object({ path: z.string(), sha256, sameAs: z.string() })),
  refused: z.array(refusal),
});
export type ImportReport = z.infer<typeof importReport>;

export const importRequest = z.object({
  /** Files or folders, absolute or relative to the host's working folder; folders are walked. */
  paths: z.array(z.string().min(1)).min(1),
  dataset: z.string().trim().min(1).max(120),
  label: datasetLabel,
  masks: z.string().optional(),
  category: z.string().max(80).optional(),
});
export type ImportRequest = z.infer<typeof importRequest>;

/** One finding of the dataset check: what, how grave, which items, and what to do. */
export const datasetFinding = z.object({
  code: z.string(),
  severity: z.enum(['info', 'warning', 'error']),
  message: z.string(),
  remedy: z.string(),
  items: z.array(z.string()),
});
export type DatasetFinding = z.infer<typeof datasetFinding>;

export const datasetsApi = {
  list: query(empty, z.array(dataset)),
  /** By id or by name. */
  get: query(z.object({ dataset: z.string() }), dataset),
  items: query(
    page.extend({ datasetId: id, label: datasetLabel.optional(), split: split.optional() }),
    z.object({ items: z.array(datasetItem), total: z.number().int() }),
  ),
  check: query(z.object({ dataset: z.string() }), z.array(datasetFinding)),
  /** Starts an import and answers at once with its job. */
  import: mutation(importRequest, z.object({ jobId: id })),
  /** Renders sample scenes and imports them, labelled as rendered. */
  renderScenes: mutation(
    z.object({
      dataset: z.string().trim().min(1).max(120),
      count: z.number().int().min(1).max(2000),
      seed: z.number().int().nonnegative(),
    }),
    z.object({ jobId: id }),
  ),
};
