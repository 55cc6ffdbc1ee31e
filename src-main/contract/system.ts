/** The program and the machine that it runs on; choosing files on the host's disk. */
import { z } from 'zod';
import { empty } from './common.ts';
import { query } from './api-definition.ts';

export const backendStatus = z.object({
  name: z.string(),
  provider: z.string(),
  ready: z.boolean(),
  device: z.string(),
  /** Why it is absent, and what would bring it; empty when ready. */
  reason: z.string(),
});
export type BackendStatus = z.infer<typeof backendStatus>;

export const systemReport = z.object({
  version: z.string(),
  node: z.string(),
  electron: z.string().nullable(),
  host: z.enum(['electron', 'headless', 'cli']),
  backends: z.array(backendStatus),
  storage: z.object({
    workspace: z.string(),
    writable: z.boolean(),
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
  kind: z.enum(['folder', 'image', 'model']),
});
export const directoryListing = z.object({
  path: z.string(),
  parent: z.string().nullable(),
  entries: z.array(directoryEntry),
  images: z.number().int(),
});
export type DirectoryListing = z.infer<typeof directoryListing>;

export const systemApi = {
  report: query(empty, systemReport),
  /** Folders and pictures at a place on the host's disk; the home folder where none is named. */
  browse: query(z.object({ path: z.string().optional() }), directoryListing),
};
