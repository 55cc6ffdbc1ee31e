/** The identity of a dataset's content: what a run was trained on. */
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
