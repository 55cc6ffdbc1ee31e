/** Case bundles: a case as one zip file, which can be checked and read without the workspace that it came from. */
import { z } from 'zod';
import { mutation, query } from './api-definition.ts';
import { id, sha256, timestamp } from './common.ts';
import { pathToRead, pathToWrite } from './host-path.ts';

const count = z.number().int().nonnegative();

/** `manifest.json` of a bundle: every other file in it. `manifest.sha256` beside it holds the SHA-256 of these bytes. */
export const bundleManifest = z.object({
  format: z.literal('pentimento-case-bundle'),
  version: z.literal(1),
  programVersion: z.string(),
  createdAt: timestamp,
  case: z.object({ id, name: z.string() }),
  contents: z.enum(['originals', 'hashes-only']),
  counts: z.object({
    ...{ evidence: count, verdicts: count, derived: count, audit: count },
    // Absent in bundles from before there were any.
    ...{ analyses: count.default(0), reviews: count.default(0) },
  }),
  /** Evidence whose original is not in the bundle although originals are: it was not intact. */
  absent: z.array(z.object({ id, sha256, state: z.string() })),
  /** By path in the zip, sorted. */
  files: z.array(z.object({ path: z.string(), sha256, bytes: count })),
});
export type BundleManifest = z.infer<typeof bundleManifest>;

/** Something that is wrong with a bundle, and where. */
export const bundleFinding = z.object({
  code: z.enum([
    'not_a_bundle',
    'unsafe_name',
    'too_many_files',
    'too_large',
    'manifest_changed',
    'file_changed',
    'file_missing',
    'file_unlisted',
    'row_invalid',
    'row_contradiction',
  ]),
  /** In the zip; empty where it concerns the whole. */
  path: z.string(),
  message: z.string(),
});
export type BundleFinding = z.infer<typeof bundleFinding>;

export const bundleCheck = z.object({
  ok: z.boolean(),
  /** Of the manifest: to be compared with the one that was told when the bundle was written. Null where there is none. */
  manifestSha256: sha256.nullable(),
  case: z.object({ id, name: z.string() }).nullable(),
  contents: z.enum(['originals', 'hashes-only']).nullable(),
  counts: bundleManifest.shape.counts.nullable(),
  files: count,
  findings: z.array(bundleFinding),
});
export type BundleCheck = z.infer<typeof bundleCheck>;

export const bundleReport = z.object({
  path: z.string(),
  caseId: id,
  case: z.string(),
  manifestSha256: sha256,
  contents: z.enum(['originals', 'hashes-only']),
  counts: bundleManifest.shape.counts,
  bytes: count,
  /** The first items that came or went without their original. */
  absent: z.array(z.object({ id, sha256, state: z.string() })),
  /** The first of what an import had to write differently: `from` in the bundle, `to` here. The audit log has it all. */
  mapped: z.array(z.object({ what: z.string(), from: z.string(), to: z.string() })),
});
export type BundleReport = z.infer<typeof bundleReport>;

export const bundlesApi = {
  /** Starts a job that writes a case as a bundle to a new file. */
  export: mutation(
    z.object({ case: z.string().min(1), path: pathToWrite, hashesOnly: z.boolean().default(false) }),
    z.object({ jobId: id }),
  ),
  /** Starts a job that checks a bundle and takes its case in. */
  import: mutation(z.object({ path: pathToRead }), z.object({ jobId: id })),
  /** Checks a bundle; nothing is kept. */
  verify: query(z.object({ path: pathToRead }), bundleCheck),
};
