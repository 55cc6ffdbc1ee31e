/**
 * Which split a new group of pictures belongs to: 65 % train, 15 % validation, 20 % test.
 *
 * An item's split never changes, whatever is added later, and all items of a group share one. Groups are counted per
 * label, so that each label is spread over the splits by itself:
 *
 * 1. The first group of a label goes to train, the second to test, the third to validation.
 * 2. Where a split is one whole group or more below its share, the one that lacks most gets the group.
 * 3. Otherwise the group's own hash decides, in proportion to the shares.
 *
 * So the result depends on nothing but the groups and their order, three groups suffice for all three splits, and no
 * split strays from its share by more than about a group.
 */
import { createHash } from 'node:crypto';
import type { Split } from '#contract/dataset.ts';

export const splitShares: Record<Split, number> = { train: 0.65, validation: 0.15, test: 0.2 };
const order: Split[] = ['train', 'test', 'validation'];

/** `counts`: groups of the label that each split holds so far, without the new one. */
export function chooseSplit(group: string, counts: Record<Split, number>): Split {
  const empty = order.find((split) => counts[split] === 0);
  if (empty !== undefined) return empty;
  const total = order.reduce((sum, split) => sum + counts[split], 1);
  const lacking = order
    .map((split) => ({ split, lack: splitShares[split] * total - counts[split] }))
    .reduce((most, next) => (next.lack > most.lack ? next : most));
  if (lacking.lack >= 1) return lacking.split;
  const chance = createHash('sha256').update(`split:${group}`).digest().readUInt32BE(0) / 2 ** 32;
  if (chance < splitShares.train) return 'train';
  return chance < splitShares.train + splitShares.validation ? 'validation' : 'test';
}
