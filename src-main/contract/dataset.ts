/** Datasets: labelled photographs, copied into the workspace, split by group. */
import { z } from 'zod';
import { empty, id, page, refusal, sha256, timestamp } from './common.ts';
import { mutation, query } from './api-definition.ts';
import { pathToRead, pathToWrite } from './host-path.ts';

export const datasetLabel = z.enum(['real', 'reference', 'simulated', 'unlabelled']);
export type DatasetLabel = z.infer<typeof datasetLabel>;
export const split = z.enum(['train', 'validation', 'test']);
export type Split = z.infer<typeof split>;

export const datasetName = z.string().trim().min(1).max(120);
const category = z.string().min(1).max(80);
const licence = z.string().min(1).max(200);
/** Why something that the program warns of is done all the same; kept in the audit log. */
export const reason = z.string().trim().min(1).max(500);
const count = z.number().int().nonnegative();

export const dataset = z.object({
  id,
  name: z.string().min(1).max(120),
  createdAt: timestamp,
  /** True where the pictures were rendered by this program, and must be labelled so wherever they are shown. */
  rendered: z.boolean(),
  items: count,
  labels: z.record(datasetLabel, count),
  splits: z.record(split, count),
  /** SHA-256 over the sorted list of items (hash, label, split, mask, category): what a run was trained on. */
  manifestHash: sha256,
  /** The version that the dataset is now, and whether a run has used it, so that the next change makes another. */
  version: z.object({ number: z.number().int().positive(), frozen: z.boolean() }),
});
export type Dataset = z.infer<typeof dataset>;

/** A dataset as a run used it. It never changes. */
export const datasetVersion = z.object({
  id,
  datasetId: id,
  number: z.number().int().positive(),
  createdAt: timestamp,
  items: count,
  labels: z.record(datasetLabel, count),
  splits: z.record(split, count),
  manifestHash: sha256,
  /** SHA-256 over everything that the version says of its items, groups, licences and sources included. */
  contentHash: sha256,
  /** The runs that used it, oldest first. */
  runs: z.array(id),
});
export type DatasetVersion = z.infer<typeof datasetVersion>;

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
  /** What its licence or its terms of use are, in words. */
  licence: z.string().nullable(),
  /** For a picture that is evidence of a case: why it may stand here. */
  evidenceReason: z.string().nullable(),
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
  /** Pictures that were there already and went to another split, because a new one belongs with them. */
  moved: z.array(z.object({ path: z.string(), sha256, from: split, to: split })).default([]),
});
export type ImportReport = z.infer<typeof importReport>;

/** Takes evidence of a case into a dataset all the same. */
const allowEvidence = z.object({ reason }).optional();

/**
 * What belongs together where nobody said: each picture for itself, those of one folder, or those of one camera as their
 * EXIF names it (maker and model, so that two of one model count as one).
 */
export const groupBy = z.enum(['picture', 'folder', 'camera']);
export type GroupBy = z.infer<typeof groupBy>;

export const importRequest = z.object({
  /** Files or folders, absolute or relative to the host's working folder; folders are walked. */
  paths: z.array(pathToRead).min(1),
  dataset: datasetName,
  label: datasetLabel,
  masks: pathToRead.optional(),
  category: z.string().max(80).optional(),
  licence: z.string().max(200).optional(),
  groupBy: groupBy.optional(),
  allowEvidence,
});
export type ImportRequest = z.infer<typeof importRequest>;

export const manifestImportRequest = z.object({
  /** CSV file with the columns path,label[,mask][,category][,group][,split][,licence]; paths are relative to it. */
  manifest: pathToRead,
  dataset: datasetName,
  allowEvidence,
});
export type ManifestImportRequest = z.infer<typeof manifestImportRequest>;

export const workspaceImportRequest = z.object({
  /** The folder of the other workspace. It is only read. */
  workspace: pathToRead,
  /** The name of the dataset there. */
  from: z.string().min(1),
  dataset: datasetName,
  allowEvidence,
});
export type WorkspaceImportRequest = z.infer<typeof workspaceImportRequest>;

export const exportReport = z.object({
  datasetId: id,
  dataset: z.string(),
  version: z.number().int().positive(),
  /** The CSV file, beside which the pictures and masks lie. */
  manifest: z.string(),
  items: count,
  masks: count,
});
export type ExportReport = z.infer<typeof exportReport>;

/** Which items an edit is for: some by their ids, or all that a filter meets. */
export const itemSelection = z.union([
  z.strictObject({ ids: z.array(id).min(1).max(200_000) }),
  z.strictObject({
    label: datasetLabel.optional(),
    split: split.optional(),
    category: category.nullable().optional(),
    group: z.string().optional(),
  }),
]);
export type ItemSelection = z.infer<typeof itemSelection>;

/** A corner or a point of a line, in pixels of the picture from its upper left corner. */
const maskPoint = z.tuple([z.number().min(-100_000).max(1_000_000), z.number().min(-100_000).max(1_000_000)]);
/** One stroke of a mask that a person paints. */
export const maskStroke = z.strictObject({
  /** `brush`: a line as wide as `width`, with round ends; `polygon`: what the points enclose. */
  tool: z.enum(['brush', 'polygon']),
  /** Takes away instead of adding. */
  erase: z.boolean(),
  width: z.number().min(1).max(100_000),
  points: z.array(maskPoint).min(1).max(20_000),
});
export type MaskStroke = z.infer<typeof maskStroke>;

/** What can be done to many items at once. */
export const datasetChange = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('label'), label: datasetLabel }),
  z.strictObject({ kind: z.literal('category'), category: category.nullable() }),
  z.strictObject({ kind: z.literal('licence'), licence: licence.nullable() }),
  /** Joins them into one group; null gives each a group of its own. */
  z.strictObject({ kind: z.literal('group'), group: z.string().min(1).max(200).nullable() }),
  /** Moves them, and whatever must stand on the same side, to a split. */
  z.strictObject({ kind: z.literal('split'), split }),
  /** Brings each, with whatever must stand on the same side, to the side where it can do no harm: training first, test last. */
  z.strictObject({ kind: z.literal('settle') }),
  /** Takes their masks away. */
  z.strictObject({ kind: z.literal('drop-masks') }),
  /** Gives each the mask that its name has below a folder; those without one there keep what they have. */
  z.strictObject({ kind: z.literal('masks'), folder: pathToRead }),
  /** Paints over the mask of one item, or over none; the result is a new mask. */
  z.strictObject({ kind: z.literal('paint-mask'), strokes: z.array(maskStroke).min(1).max(5000) }),
  /** Says why evidence of a case may stand here. */
  z.strictObject({ kind: z.literal('allow-evidence'), reason }),
  z.strictObject({ kind: z.literal('remove') }),
]);
export type DatasetChange = z.infer<typeof datasetChange>;

export const datasetEdit = z.object({
  id,
  datasetId: id,
  /** The kind of change, or `import`. */
  action: z.string(),
  /** In words, what was done. */
  summary: z.string(),
  /** How many items it touched. */
  items: count,
  at: timestamp,
  undoneAt: timestamp.nullable(),
});
export type DatasetEdit = z.infer<typeof datasetEdit>;

export const editRequest = z.object({ dataset: z.string(), items: itemSelection, change: datasetChange });
export type EditRequest = z.infer<typeof editRequest>;
const editResult = z.object({ edit: datasetEdit, dataset });

/** One finding of the dataset check: what, how grave, which items, and what to do. */
export const datasetFinding = z.object({
  code: z.string(),
  severity: z.enum(['info', 'warning', 'error']),
  /** Whether no run is started while it stands, unless a person overrides it. */
  blocking: z.boolean(),
  message: z.string(),
  remedy: z.string(),
  items: z.array(z.string()),
  /** Remedies that the program can apply, the advisable one first: each is an edit of this dataset, and can be undone. */
  actions: z.array(z.object({ label: z.string(), items: z.array(id).min(1), change: datasetChange })),
});
export type DatasetFinding = z.infer<typeof datasetFinding>;

/** What one version has and another has not, by the bytes of the pictures. */
export const versionComparison = z.object({
  from: z.number().int().positive(),
  /** Null for the dataset as it is now. */
  to: z.number().int().positive().nullable(),
  added: z.array(z.object({ sha256, sourcePath: z.string() })),
  removed: z.array(z.object({ sha256, sourcePath: z.string() })),
  changed: z.array(
    z.object({
      sha256,
      sourcePath: z.string(),
      fields: z.array(
        z.object({ field: z.string(), from: z.string().nullable(), to: z.string().nullable() }),
      ),
    }),
  ),
});
export type VersionComparison = z.infer<typeof versionComparison>;

const ofDataset = z.object({ dataset: z.string() });
const job = z.object({ jobId: id });
const versionNumber = z.number().int().positive();

export const datasetsApi = {
  list: query(empty, z.array(dataset)),
  /** By id or by name, as in every call that names a `dataset`. */
  get: query(ofDataset, dataset),
  /** As they are now, or as they were in a version that a run used. */
  items: query(
    page.extend({
      datasetId: id,
      label: datasetLabel.optional(),
      split: split.optional(),
      ids: z.array(id).max(500).optional(),
      version: versionNumber.optional(),
    }),
    z.object({ items: z.array(datasetItem), total: z.number().int() }),
  ),
  /** Those that runs have used, newest first. */
  versions: query(ofDataset, z.array(datasetVersion)),
  compareVersions: query(
    ofDataset.extend({ from: versionNumber, to: versionNumber.optional() }),
    versionComparison,
  ),
  check: query(ofDataset, z.array(datasetFinding)),
  edit: mutation(editRequest, editResult),
  /** What was done to a dataset, newest first: the undo stack, and what was undone. */
  edits: query(ofDataset, z.array(datasetEdit)),
  /** Takes back the newest edit that stands. */
  undo: mutation(ofDataset, editResult),
  /** Does the edit again that was undone last, where none was made since. */
  redo: mutation(ofDataset, editResult),
  /** Starts an import and answers at once with its job; as do the imports and the export below. */
  import: mutation(importRequest, job),
  importManifest: mutation(manifestImportRequest, job),
  importWorkspace: mutation(workspaceImportRequest, job),
  /** Writes files and a manifest, which `importManifest` reads back without loss, into a new or empty folder, or a new `.zip`. */
  export: mutation(ofDataset.extend({ folder: pathToWrite, version: versionNumber.optional() }), job),
  /** Renders sample scenes and imports them, labelled as rendered. */
  renderScenes: mutation(
    z.object({
      dataset: datasetName,
      count: z.number().int().min(1).max(2000),
      seed: z.number().int().nonnegative(),
    }),
    job,
  ),
};
