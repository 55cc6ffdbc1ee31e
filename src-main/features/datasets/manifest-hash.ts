/** The identity of a dataset's content: what a run was trained on, and all that was said of it. */
import { createHash } from 'node:crypto';
import type { DatasetLabel, Split } from '#contract/dataset.ts';

export type ManifestItem = {
  sha256: string;
  label: DatasetLabel;
  split: Split;
  mask: string | null;
  category: string | null;
};

/**
 * SHA-256 over one line an item, `sha256 TAB label TAB split TAB mask TAB category LF` in UTF-8, sorted by sha256 (each
 * stands once in a dataset). An absent mask is `-`; a category is written as JSON, so `null` or a quoted string.
 */
export function manifestHash(items: readonly ManifestItem[]): string {
  const digest = createHash('sha256');
  const sorted = items.toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
  for (const { sha256, label, split, mask, category } of sorted)
    digest.update(`${sha256}\t${label}\t${split}\t${mask ?? '-'}\t${JSON.stringify(category)}\n`);
  return digest.digest('hex');
}

export type ContentItem = ManifestItem & {
  group_key: string;
  licence: string | null;
  evidence_reason: string | null;
  source_path: string;
  added_at: number;
};

/**
 * SHA-256 over the manifest hash and LF, then one line an item, sorted by sha256: a JSON array of its sha256, group, licence,
 * reason as evidence, source and time of intake, and LF.
 */
export function contentHash(items: readonly ContentItem[]): string {
  const digest = createHash('sha256').update(`${manifestHash(items)}\n`);
  const sorted = items.toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
  for (const { sha256, group_key, licence, evidence_reason, source_path, added_at } of sorted)
    digest.update(
      `${JSON.stringify([sha256, group_key, licence, evidence_reason, source_path, added_at])}\n`,
    );
  return digest.digest('hex');
}
