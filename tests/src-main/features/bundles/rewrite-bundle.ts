/** Bundles as somebody else would write them: with files changed, left out or added, and the manifest made to agree. */
import { createHash } from 'node:crypto';
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { BundleManifest } from '#contract/bundle.ts';
import { BundleReader } from '#features/bundles/bundle-reader.ts';

export type Files = Map<string, Buffer>;
export const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

export async function filesOf(bundle: string): Promise<Files> {
  const reader = await BundleReader.open(bundle);
  try {
    const files: Files = new Map();
    for (const name of reader.names()) files.set(name, await reader.read(name, Infinity));
    return files;
  } finally {
    reader.close();
  }
}

export async function writeZip(
  target: string,
  files: Files,
  options: { compress?: boolean } = {},
): Promise<string> {
  const zip = new ZipFile();
  for (const [name, bytes] of files) zip.addBuffer(bytes, name, { compress: options.compress ?? false });
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(target));
  return target;
}

export const manifestOf = (files: Files): BundleManifest =>
  JSON.parse(String(files.get('manifest.json'))) as BundleManifest;

/** Makes manifest and hash agree with the files, as one who forges a bundle would. */
export function sealAgain(files: Files, change: (manifest: BundleManifest) => void = () => undefined): void {
  const manifest = manifestOf(files);
  manifest.files = [...files]
    .filter(([name]) => !name.startsWith('manifest.'))
    .map(([path, bytes]) => ({ path, sha256: digest(bytes), bytes: bytes.length }));
  change(manifest);
  const text = Buffer.from(JSON.stringify(manifest));
  files.set('manifest.json', text);
  files.set('manifest.sha256', Buffer.from(digest(text)));
}

/** Changes one row of a kind. */
export function changeRow(files: Files, kind: string, change: (row: Record<string, unknown>) => void): void {
  const name = `rows/${kind}.ndjson`;
  const [first = '', ...rest] = String(files.get(name)).trimEnd().split('\n');
  const row = JSON.parse(first) as Record<string, unknown>;
  change(row);
  files.set(name, Buffer.from(`${[JSON.stringify(row), ...rest].join('\n')}\n`));
}

/** Writes other bytes of the same length over every occurrence, e.g. a name that no writer would take. */
export function replaceBytes(file: string, from: string, to: string): void {
  const bytes = readFileSync(file);
  const [wanted, other] = [Buffer.from(from), Buffer.from(to)];
  for (let at = bytes.indexOf(wanted); at !== -1; at = bytes.indexOf(wanted, at + 1)) other.copy(bytes, at);
  writeFileSync(file, bytes);
}
