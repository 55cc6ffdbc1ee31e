/** What changed between two states of a dataset, picture by picture. */
import type { VersionComparison } from '#contract/dataset.ts';

export type ComparedItem = {
  sha256: string;
  label: string;
  split: string;
  group_key: string;
  category: string | null;
  mask: string | null;
  licence: string | null;
  evidence_reason: string | null;
  source_path: string;
};
const fields: readonly [column: Exclude<keyof ComparedItem, 'sha256' | 'source_path'>, name: string][] = [
  ['label', 'label'],
  ['split', 'split'],
  ['group_key', 'group'],
  ['category', 'category'],
  ['mask', 'mask'],
  ['licence', 'licence'],
  ['evidence_reason', 'evidenceReason'],
];

/** In the order of the items: those of `from` for what was removed, of `to` for the rest. */
export function compareItems(
  from: readonly ComparedItem[],
  to: readonly ComparedItem[],
): Pick<VersionComparison, 'added' | 'removed' | 'changed'> {
  const name = ({ sha256, source_path }: ComparedItem): { sha256: string; sourcePath: string } => ({
    sha256,
    sourcePath: source_path,
  });
  const before = new Map(from.map((item) => [item.sha256, item]));
  const after = new Set(to.map((item) => item.sha256));
  const changed = to.flatMap((item) => {
    const old = before.get(item.sha256);
    const differing = fields
      .filter(([column]) => old && old[column] !== item[column])
      .map(([column, field]) => ({ field, from: old![column], to: item[column] }));
    return differing.length > 0 ? [{ ...name(item), fields: differing }] : [];
  });
  return {
    added: to.filter(({ sha256 }) => !before.has(sha256)).map(name),
    removed: from.filter(({ sha256 }) => !after.has(sha256)).map(name),
    changed,
  };
}
