/**
 * Whether a case bundle is what was written: every file against the manifest, the manifest against its hash, and the rows
 * against each other and against the entries of the audit log that came with them. It needs no workspace, and nothing of
 * the bundle is written anywhere. A manifest that was written anew together with its hash can only be told by whoever
 * knows the hash from elsewhere, which is why the answer holds it.
 */
import { createHash } from 'node:crypto';
import {
  bundleManifest,
  type BundleCheck,
  type BundleFinding,
  type BundleManifest,
} from '#contract/bundle.ts';
import { AppError } from '#contract/errors.ts';
import type { ProgressUpdate } from '#features/jobs/progress-meter.ts';
import { bundleLimits, manifestHashPath, manifestPath } from './bundle-layout.ts';
import { BundleReader } from './bundle-reader.ts';
import { checkRows } from './check-rows.ts';

export type VerifyOptions = { signal?: AbortSignal; progress?: (update: ProgressUpdate) => void };

/** Findings beyond so many are left out; the first of them are enough to refuse a bundle. */
const mostFindings = 1000;

/** Errors: those of opening the file, `bundle_invalid` where it is no zip file, `cancelled`. */
export async function verifyBundle(path: string, options: VerifyOptions = {}): Promise<BundleCheck> {
  const reader = await BundleReader.open(path);
  try {
    return (await inspectBundle(reader, options)).check;
  } finally {
    reader.close();
  }
}

/** The same for a bundle that is open, with its manifest where that can be read. */
export async function inspectBundle(
  reader: BundleReader,
  options: VerifyOptions,
): Promise<{ check: BundleCheck; manifest: BundleManifest | null }> {
  const findings: BundleFinding[] = [...reader.findings];
  const { manifest, manifestSha256 } = await readManifest(reader, findings);
  if (manifest) {
    await checkFiles(reader, manifest, findings, options);
    // Rows are read only where their files are what the manifest says.
    if (findings.length === 0) await checkRows(reader, manifest, findings);
  }
  const check: BundleCheck = {
    ok: findings.length === 0,
    manifestSha256,
    case: manifest?.case ?? null,
    contents: manifest?.contents ?? null,
    counts: manifest?.counts ?? null,
    files: reader.names().length,
    findings: findings.slice(0, mostFindings),
  };
  return { check, manifest };
}

async function readManifest(
  reader: BundleReader,
  findings: BundleFinding[],
): Promise<{ manifest: BundleManifest | null; manifestSha256: string | null }> {
  const missing = [manifestPath, manifestHashPath].filter((name) => !reader.has(name));
  for (const path of missing)
    findings.push({ code: 'not_a_bundle', path, message: 'A case bundle holds it, and this file does not.' });
  if (missing.length > 0) return { manifest: null, manifestSha256: null };
  let manifestSha256: string | null = null;
  try {
    const bytes = await reader.read(manifestPath, bundleLimits.manifestBytes);
    manifestSha256 = createHash('sha256').update(bytes).digest('hex');
    const expected = (await reader.read(manifestHashPath, 1000)).toString('latin1').trim();
    if (manifestSha256 !== expected)
      findings.push({
        code: 'manifest_changed',
        path: manifestPath,
        message: `Its SHA-256 is ${manifestSha256} instead of ${JSON.stringify(expected.slice(0, 64))}.`,
      });
    const parsed = bundleManifest.safeParse(JSON.parse(bytes.toString('utf8')));
    if (parsed.success) return { manifest: parsed.data, manifestSha256 };
    const issue = parsed.error.issues[0]!;
    throw new AppError('bundle_invalid', `${issue.path.join('.')}: ${issue.message}`);
  } catch (error) {
    const { message } = AppError.from(error);
    findings.push({ code: 'not_a_bundle', path: manifestPath, message: `It cannot be read: ${message}` });
    return { manifest: null, manifestSha256 };
  }
}

async function checkFiles(
  reader: BundleReader,
  manifest: BundleManifest,
  findings: BundleFinding[],
  { signal, progress }: VerifyOptions,
): Promise<void> {
  const listed = new Set(manifest.files.map((file) => file.path));
  for (const path of reader.names())
    if (!listed.has(path) && path !== manifestPath && path !== manifestHashPath)
      findings.push({ code: 'file_unlisted', path, message: 'The manifest does not name it.' });
  for (const [index, { path, sha256, bytes }] of manifest.files.entries()) {
    if (signal?.aborted) throw new AppError('cancelled', 'The check was stopped.');
    progress?.({ done: index, total: manifest.files.length, label: path });
    if (!reader.has(path)) {
      findings.push({ code: 'file_missing', path, message: 'The manifest names it, and it is not there.' });
      continue;
    }
    const found = await reader.hash(path).catch(AppError.from);
    if (found instanceof AppError) findings.push({ code: 'file_changed', path, message: found.message });
    else if (found.sha256 !== sha256 || found.bytes !== bytes)
      findings.push({
        code: 'file_changed',
        path,
        message: `Its SHA-256 is ${found.sha256} (${found.bytes} bytes) instead of ${sha256} (${bytes} bytes).`,
      });
  }
}
