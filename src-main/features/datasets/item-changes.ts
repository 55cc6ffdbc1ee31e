/** What a bulk change makes of a dataset's items. Pure functions of rows; nothing is written here. */
import type { DatasetChange, Split } from '#contract/dataset.ts';
import type { DatasetItemRow, ItemChange } from './item-row.ts';
import { plain, rowText } from './item-row.ts';
import { safestSplit, SplitComponents, type PlacedPicture } from './split-components.ts';

/** A change whose files have been read: masks are hashes, by the ids of the items. */
export type PreparedChange =
  | Exclude<DatasetChange, { kind: 'masks' | 'paint-mask' }>
  | { kind: 'masks'; masks: ReadonlyMap<string, string> };
export type PlacedRow = DatasetItemRow & { perceptual_hash: string };

/** The changes to a dataset's items that `change` of the chosen ones makes; items that it leaves as they are do not appear. */
export function changeItems(
  rows: readonly PlacedRow[],
  chosen: ReadonlySet<string>,
  change: PreparedChange,
): ItemChange[] {
  const next = new Map(rows.map((row) => [row.id, row]));
  for (const row of rows) if (chosen.has(row.id)) next.set(row.id, { ...row, ...fieldsOf(row, change) });
  if (change.kind === 'split') keepTogether(next, chosen, change.split);
  if (change.kind === 'group' || change.kind === 'settle') keepTogether(next, chosen, null);
  return rows.flatMap((row): ItemChange[] => {
    if (change.kind === 'remove') return chosen.has(row.id) ? [{ before: plain(row), after: null }] : [];
    const after = next.get(row.id)!;
    return after === row || rowText(row) === rowText(after)
      ? []
      : [{ before: plain(row), after: plain(after) }];
  });
}

function fieldsOf(row: DatasetItemRow, change: PreparedChange): Partial<DatasetItemRow> {
  switch (change.kind) {
    case 'label':
      return { label: change.label };
    case 'category':
      return { category: change.category };
    case 'licence':
      return { licence: change.licence };
    case 'group':
      return { group_key: change.group ?? row.sha256 };
    case 'drop-masks':
      return { mask: null };
    case 'masks':
      return { mask: change.masks.get(row.id) ?? row.mask };
    case 'allow-evidence':
      return { evidence_reason: change.reason };
    case 'split':
    case 'settle':
    case 'remove':
      return {};
  }
}

/** Brings each component of a chosen item to one side: to `wanted`, or to the side where it can do no harm. */
function keepTogether(next: Map<string, PlacedRow>, chosen: ReadonlySet<string>, wanted: Split | null): void {
  const components = new SplitComponents([...next.values()].map(toPlaced));
  for (const component of components.around(chosen)) {
    const split = wanted ?? safestSplit(new Set(component.map((picture) => picture.split)));
    for (const { id } of component) next.set(id, { ...next.get(id)!, split });
  }
}

export const toPlaced = (
  row: Pick<PlacedRow, 'id' | 'group_key' | 'perceptual_hash' | 'split'>,
): PlacedPicture => ({
  id: row.id,
  group: row.group_key,
  hash: row.perceptual_hash,
  split: row.split,
});

/** In words, what a change does. */
export function describeChange(change: DatasetChange): string {
  switch (change.kind) {
    case 'label':
      return `labelled ${change.label}`;
    case 'category':
      return change.category === null ? 'category taken away' : `category "${change.category}"`;
    case 'licence':
      return change.licence === null ? 'licence note taken away' : `licence "${change.licence}"`;
    case 'group':
      return change.group === null ? 'each in a group of its own' : `joined to the group "${change.group}"`;
    case 'split':
      return `moved to ${change.split}`;
    case 'settle':
      return 'brought to one side with what belongs to them';
    case 'drop-masks':
      return 'masks taken away';
    case 'masks':
      return `masks from ${change.folder}`;
    case 'paint-mask':
      return 'mask painted';
    case 'allow-evidence':
      return `allowed although evidence: ${change.reason}`;
    case 'remove':
      return 'removed';
  }
}
