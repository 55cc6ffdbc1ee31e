/**
 * Looks for what would make a detector learn, or be measured, wrongly, as far as the dataset's rows tell it. Pure functions;
 * what only the files tell is found by the guard.
 */
import type { DatasetFinding, DatasetLabel, Split } from '#contract/dataset.ts';
import type { CheckRow } from './dataset.repository.ts';
import { NearIndex } from './near-pictures.ts';
import { safestSplit } from './split-components.ts';

export type ElsewhereRow = {
  id: string;
  label: DatasetLabel;
  split: Split;
  dataset: string;
  other_label: DatasetLabel;
  other_split: Split;
};
export type NearPair = [CheckRow, CheckRow];

/** Real and reference pictures to train on: fewer than the first cannot fill a batch twice, fewer than the second overfit. */
const leastTraining = 8;
const fewTraining = 100;

const isAuthentic = (item: { label: DatasetLabel }): boolean =>
  item.label === 'real' || item.label === 'reference';
/** One says real, the other simulated; a reference may be either. */
export const oppose = (a: DatasetLabel, b: DatasetLabel): boolean =>
  (a === 'real' && b === 'simulated') || (a === 'simulated' && b === 'real');

export const countOf = (items: readonly unknown[], one: string, many: string): string =>
  items.length === 1 ? `1 ${one}` : `${items.length} ${many}`;
const pictures = (items: readonly unknown[]): string => countOf(items, 'picture', 'pictures');
/** For a sentence that goes on with a verb. */
export const verb = (items: readonly unknown[], one: string, many: string): string =>
  items.length === 1 ? one : many;

export function checkAmount(items: readonly CheckRow[]): DatasetFinding[] {
  const authentic = items.filter(isAuthentic);
  const training = authentic.filter((item) => item.split === 'train');
  const unlabelled = items.filter((item) => item.label === 'unlabelled' && item.split === 'train');
  const findings: DatasetFinding[] = [];
  if (training.length < fewTraining)
    findings.push({
      code: 'too_few_items',
      severity: training.length < leastTraining ? 'error' : 'warning',
      blocking: false,
      message: `${training.length} real or reference photographs are there to train on; ${fewTraining} or more are advisable.`,
      remedy: 'Add more unmanipulated photographs, or label those that are here and are known to be real.',
      items: training.map(({ id }) => id),
      actions:
        unlabelled.length === 0
          ? []
          : [
              {
                label: 'The unlabelled ones are real',
                items: unlabelled.map(({ id }) => id),
                change: { kind: 'label', label: 'real' },
              },
            ],
    });
  for (const split of ['validation', 'test'] as const) {
    if (authentic.some((item) => item.split === split)) continue;
    const part = tenthOf(training);
    findings.push({
      code: 'split_empty',
      severity: 'warning',
      blocking: false,
      message: `No real or reference photograph stands in the ${split} split.`,
      remedy:
        'Add more unmanipulated photographs, or move some there from those to train on; a model that was trained on them before has seen them.',
      items: part,
      actions:
        part.length === 0
          ? []
          : [{ label: `Move ${pictures(part)} there`, items: part, change: { kind: 'split', split } }],
    });
  }
  return findings;
}

/** A tenth of the pictures or a little more, in whole groups, the smallest first; none where one group is all there is. */
function tenthOf(items: readonly CheckRow[]): string[] {
  const groups = [...Map.groupBy(items, (item) => item.group_key).values()];
  const part: CheckRow[] = [];
  for (const group of groups.toSorted((a, b) => a.length - b.length).slice(0, -1)) {
    if (part.length >= items.length / 10) break;
    part.push(...group);
  }
  return part.map(({ id }) => id);
}

/** Pairs of pictures that look alike, each pair once, in the order of the items. */
export function nearPairs(items: readonly CheckRow[]): NearPair[] {
  const index = new NearIndex<CheckRow>();
  const pairs: NearPair[] = [];
  for (const item of items) {
    for (const earlier of index.near(item.perceptual_hash)) pairs.push([earlier, item]);
    index.add(item.perceptual_hash, item);
  }
  return pairs;
}

/** Pictures that look like one on another side, and those that look like one on the same side. */
export function checkNearDuplicates(pairs: readonly NearPair[]): DatasetFinding[] {
  const leaking = pairs.filter(([a, b]) => a.split !== b.split);
  // Different labels are a question of their own, and an original and its manipulation are no waste.
  const wasted = pairs.filter(([a, b]) => a.split === b.split && a.label === b.label && a.mask === b.mask);
  const findings: DatasetFinding[] = [];
  if (leaking.length > 0) {
    const items = idsOf(leaking);
    findings.push({
      code: 'near_duplicates_across_splits',
      severity: 'error',
      blocking: true,
      message: `${pictures(items)} ${verb(items, 'looks', 'look')} like one in another split, so that a measurement would repeat what was trained.`,
      remedy: 'Bring each pair to one side, or keep one picture of each.',
      items,
      actions: [
        { label: 'Bring each pair to one side', items, change: { kind: 'settle' } },
        { label: 'Keep one picture of each', items: spare(leaking), change: { kind: 'remove' } },
      ],
    });
  }
  if (wasted.length > 0) {
    const items = idsOf(wasted);
    findings.push({
      code: 'near_duplicates',
      severity: 'info',
      blocking: false,
      message: `${pictures(items)} ${verb(items, 'looks', 'look')} like another one of the same label and split, and count twice.`,
      remedy: 'Keep one picture of each where they are copies.',
      items,
      actions: [{ label: 'Keep one picture of each', items: spare(wasted), change: { kind: 'remove' } }],
    });
  }
  return findings;
}

/**
 * Pictures that look alike under opposite labels.
 * @param areSame whether two such pictures are one and the same, saved in two ways
 */
export function checkLabels(
  pairs: readonly NearPair[],
  areSame: (pair: NearPair) => boolean,
): DatasetFinding[] {
  const opposed = pairs.filter(([a, b]) => oppose(a.label, b.label));
  // A mask says where the simulated one differs: then it is a manipulation, and no copy.
  const isMasked = ([a, b]: NearPair): boolean => (a.label === 'simulated' ? a : b).mask !== null;
  const same = opposed.filter((pair) => !isMasked(pair) && areSame(pair));
  const manipulated = opposed.filter((pair) => !same.includes(pair));
  const findings: DatasetFinding[] = [];
  if (same.length > 0) {
    const items = idsOf(same);
    findings.push({
      code: 'conflicting_labels',
      severity: 'error',
      blocking: true,
      message: `${pictures(items)} ${verb(items, 'stands', 'stand')} here twice, once as real and once as simulated.`,
      remedy:
        'Find out which label is right; until then take the label away, so that nothing learns from them.',
      items,
      actions: [
        { label: 'Take the label away', items, change: { kind: 'label', label: 'unlabelled' } },
        { label: 'All are real', items, change: { kind: 'label', label: 'real' } },
        { label: 'All are simulated', items, change: { kind: 'label', label: 'simulated' } },
        { label: 'Remove them', items, change: { kind: 'remove' } },
      ],
    });
  }
  if (manipulated.length > 0) {
    const items = idsOf(manipulated);
    findings.push({
      code: 'near_duplicates_across_labels',
      severity: 'info',
      blocking: false,
      message: `${pictures(items)} ${verb(items, 'looks', 'look')} like one with the opposite label. That is right for an original and its manipulation.`,
      remedy: 'Check that each pair is such a pair; what is none must not be learned from.',
      items,
      actions: [
        { label: 'Take the label away', items, change: { kind: 'label', label: 'unlabelled' } },
        { label: 'Remove them', items, change: { kind: 'remove' } },
      ],
    });
  }
  return findings;
}

/** The same bytes in other datasets of the workspace. */
export function checkElsewhere(rows: readonly ElsewhereRow[]): DatasetFinding[] {
  const conflicting = rows.filter((row) => oppose(row.label, row.other_label));
  const leaking = rows.filter((row) => row.split !== row.other_split);
  const findings: DatasetFinding[] = [];
  const names = (some: readonly ElsewhereRow[]): string =>
    [...new Set(some.map((row) => row.dataset))].join(', ');
  const ids = (some: readonly ElsewhereRow[]): string[] => [...new Set(some.map((row) => row.id))];
  if (conflicting.length > 0) {
    const items = ids(conflicting);
    const relabel = (['real', 'simulated'] as const).flatMap((label) => {
      const some = ids(conflicting.filter((row) => row.other_label === label));
      if (some.length === 0) return [];
      return [{ label: `Label as there: ${label}`, items: some, change: { kind: 'label' as const, label } }];
    });
    findings.push({
      code: 'conflicting_labels',
      severity: 'error',
      blocking: true,
      message: `${pictures(items)} ${verb(items, 'bears', 'bear')} the opposite label in ${names(conflicting)}.`,
      remedy: 'Find out which label is right, and give it in both datasets.',
      items,
      actions: [
        { label: 'Take the label away', items, change: { kind: 'label', label: 'unlabelled' } },
        ...relabel,
        { label: 'Remove them', items, change: { kind: 'remove' } },
      ],
    });
  }
  if (leaking.length > 0) {
    const items = ids(leaking);
    findings.push({
      code: 'duplicates_in_other_dataset',
      severity: 'warning',
      blocking: false,
      message: `${pictures(items)} ${verb(items, 'stands', 'stand')} in another split of ${names(leaking)}, byte for byte.`,
      remedy: 'Do not measure a model of one of these datasets on the other.',
      items,
      actions: [{ label: 'Remove them here', items, change: { kind: 'remove' } }],
    });
  }
  return findings;
}

/** Evidence of cases of which nobody decided that it may be trained on. */
export function checkEvidence(rows: readonly { id: string; name: string }[]): DatasetFinding[] {
  if (rows.length === 0) return [];
  const items = [...new Set(rows.map(({ id }) => id))];
  const names = [...new Set(rows.map(({ name }) => `"${name}"`))].join(', ');
  return [
    {
      code: 'evidence_in_dataset',
      severity: 'error',
      blocking: true,
      message: `${pictures(items)} ${verb(items, 'is', 'are')} evidence of ${names}, and nobody decided that a detector may learn from it.`,
      remedy: 'Remove them, or decide that they may stand here and say why, which is recorded.',
      items,
      actions: [{ label: 'Remove them', items, change: { kind: 'remove' } }],
    },
  ];
}

const idsOf = (pairs: readonly NearPair[]): string[] => [...new Set(pairs.flat().map(({ id }) => id))];

/** All but one of the pictures that hang together: the one that stays is on the safest side, and the first there. */
function spare(pairs: readonly NearPair[]): string[] {
  const likes = new Map<CheckRow, CheckRow[]>();
  for (const [a, b] of pairs) {
    likes.set(a, [...(likes.get(a) ?? []), b]);
    likes.set(b, [...(likes.get(b) ?? []), a]);
  }
  const gone: string[] = [];
  const seen = new Set<CheckRow>();
  for (const start of likes.keys()) {
    if (seen.has(start)) continue;
    const component: CheckRow[] = [start];
    seen.add(start);
    for (const item of component)
      for (const like of likes.get(item)!)
        if (!seen.has(like)) {
          seen.add(like);
          component.push(like);
        }
    const side = safestSplit(new Set(component.map(({ split }) => split)));
    const kept = component.find(({ split }) => split === side);
    gone.push(...component.filter((item) => item !== kept).map(({ id }) => id));
  }
  return gone;
}
