/** The program and the machine that it runs on; choosing files on the host's disk. */
import { z } from 'zod';
import { empty, sha256, timestamp } from './common.ts';
import { mutation, query } from './api-definition.ts';
import { pathToRead } from './host-path.ts';

export const backendStatus = z.object({
  name: z.string(),
  provider: z.string(),
  ready: z.boolean(),
  device: z.string(),
  /** Why it is absent, and what would bring it; empty when ready. */
  reason: z.string(),
  /** The driver that computes on the processor in place of a GPU; absent where there is none. */
  software: z.string().optional(),
});
export type BackendStatus = z.infer<typeof backendStatus>;

/** How one backend did when `auto` measured what is ready. */
export const measuredBackend = z.object({
  name: z.string(),
  provider: z.string(),
  device: z.string(),
  /** Of one training iteration; null where it was left out before it was measured. */
  milliseconds: z.number().nonnegative().nullable(),
  /** Why it was left out or its measurement cut off; empty where it was measured whole. */
  problem: z.string(),
});
export type MeasuredBackend = z.infer<typeof measuredBackend>;

/** What `auto` found on one machine for iterations of one shape, and what it picked. */
export const backendMeasurement = z.object({
  machine: z.object({
    processor: z.string(),
    threads: z.number().int(),
    gpus: z.array(z.string()),
    programVersion: z.string(),
    /** The backends that were ready, as `name/provider`. */
    ready: z.array(z.string()),
  }),
  /** Fields of the training configuration that decide the shapes and the work of an iteration. */
  shapes: z.record(z.string(), z.union([z.string(), z.number()])),
  at: timestamp,
  backends: z.array(measuredBackend),
  chosen: z.object({ name: z.string(), provider: z.string() }),
});
export type BackendMeasurement = z.infer<typeof backendMeasurement>;

/** How one provider did when a model was first opened for judging. */
export const providerTrial = z.object({
  provider: z.string(),
  /** Of a batch of tiles; null where it was left out. */
  milliseconds: z.number().nullable(),
  /** The furthest of its values from the processor's, beside one and their size; null where none was computed. */
  difference: z.number().nullable(),
  /** Why it was left out; empty otherwise. */
  problem: z.string(),
});
export type ProviderTrial = z.infer<typeof providerTrial>;

/** On which provider a model judges on one machine, and what was found of the others. */
export const judgingChoice = z.object({
  machine: z.object({ processor: z.string(), threads: z.number().int(), gpus: z.array(z.string()) }),
  /** Of its file. */
  model: sha256,
  /** What errors call it. */
  name: z.string(),
  at: timestamp,
  chosen: z.string(),
  trials: z.array(providerTrial),
});
export type JudgingChoice = z.infer<typeof judgingChoice>;

export const systemReport = z.object({
  version: z.string(),
  node: z.string(),
  electron: z.string().nullable(),
  host: z.enum(['electron', 'headless', 'cli']),
  backends: z.array(backendStatus),
  /** What `auto` remembers of this machine, the latest first. */
  measurements: z.array(backendMeasurement),
  /** On which providers models judge on this machine, the latest first. */
  judging: z.array(judgingChoice),
  storage: z.object({
    workspace: z.string(),
    writable: z.boolean(),
    /** Why the workspace is open for reading only; absent where it can be written. */
    problem: z.string().optional(),
    freeBytes: z.number(),
    databaseBytes: z.number(),
    sqlite: z.string(),
    schemaVersion: z.number().int(),
  }),
});
export type SystemReport = z.infer<typeof systemReport>;

export const directoryEntry = z.object({
  name: z.string(),
  path: z.string(),
  /** `list`: text that may be a list, of hashes, of certificates or of labelled pictures. */
  kind: z.enum(['folder', 'image', 'model', 'list']),
});
export const directoryListing = z.object({
  path: z.string(),
  parent: z.string().nullable(),
  entries: z.array(directoryEntry),
  images: z.number().int(),
});
export type DirectoryListing = z.infer<typeof directoryListing>;

export const choice = z.object({
  what: z.enum(['pictures', 'folder', 'model', 'bundle', 'manifest', 'list']),
});
export type Choice = z.infer<typeof choice>;
export const targetChoice = z.object({
  what: z.enum(['folder', 'model', 'bundle', 'report', 'results', 'diagnostics']),
  /** The name that is proposed. */
  name: z.string().max(200).default(''),
});
export type TargetChoice = z.infer<typeof targetChoice>;

/** Under which licences the program and what it is made of stand. */
export const licenceNotices = z.object({
  /** Of the program itself. */
  licence: z.string(),
  notice: z.string(),
  /** Of every package in a packed program; null in a checkout, where they lie beside the packages. */
  components: z.string().nullable(),
  fonts: z.string(),
});
export type LicenceNotices = z.infer<typeof licenceNotices>;

export const systemApi = {
  report: query(empty, systemReport),
  licences: query(empty, licenceNotices),
  /** Folders and pictures at a place on the host's disk; the home folder where none is named. */
  browse: query(z.object({ path: pathToRead.optional() }), directoryListing),
  /**
   * Has the person choose in a dialog of the operating system; empty or null where they choose nothing. A host that lets
   * its windows name only what was chosen allows it from then on. Only the desktop has dialogs.
   */
  choose: mutation(choice, z.object({ paths: z.array(z.string()) })),
  chooseTarget: mutation(targetChoice, z.object({ path: z.string().nullable() })),
};
