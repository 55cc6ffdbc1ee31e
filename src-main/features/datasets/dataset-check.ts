/**
 * Looks for what would make a detector learn, or be measured, wrongly. Pure functions of the dataset's rows.
 */
import type { DatasetFinding, DatasetLabel, Split } from '#contract/dataset.ts';
import { hammingDistance } from '#compute/decoding/examine-photograph.ts';
import type { CheckRow } from './dataset.repository.ts';

export type ElsewhereRow = {
  id: string;
  label: DatasetLabel;
  split: Split;
  dataset: string;
  other_label: DatasetLabel;
  other_split: Split;
};

/** Real and reference pictures to train on: fewer than the first cannot fill a batch twice, fewer than the second overfit. */
const leastTraining = 8;
const fewTraining = 100;
/** Difference hashes this near mean the same picture, re-saved or resized. */
const nearDistance = 4;
/** A property that tells real from simulated in so many cases is what a detector would learn. */
const biasAccuracy = 0.75;
const leastForBias = 10;

/** All findings, the gravest first. */
export function checkDataset(
  items: readonly CheckRow[],
  elsewhere: readonly ElsewhereRow[],
): DatasetFinding[] {
  const findings = [
    ...checkAmount(items),
    ...checkNearDuplicates(items),
    ...checkElsewhere(elsewhere),
    ...checkBias(items),
  ];
  const grave = ['error', 'warning', 'info'];
  return findings.sort((a, b) => grave.indexOf(a.severity) - grave.indexOf(b.severity));
}

const isAuthentic = (item: { label: DatasetLabel }): boolean =>
  item.label === 'real' || item.label === 'reference';

function checkAmount(items: readonly CheckRow[]): DatasetFinding[] {
  const authentic = items.filter(isAuthentic);
  const training = authentic.filter((item) => item.split === 'train').length;
  const remedy = 'Add more unmanipulated photographs.';
  const findings: DatasetFinding[] = [];
  if (training < fewTraining)
    findings.push({
      code: 'too_few_items',
      severity: training < leastTraining ? 'error' : 'warning',
      message: `${training} real or reference photographs are there to train on; ${fewTraining} or more are advisable.`,
      remedy,
      items: [],
    });
  for (const split of ['validation', 'test'] as const)
    if (!authentic.some((item) => item.split === split))
      findings.push({
        code: 'split_empty',
        severity: 'warning',
        message: `No real or reference photograph stands in the ${split} split.`,
        remedy,
        items: [],
      });
  return findings;
}

function checkNearDuplicates(items: readonly CheckRow[]): DatasetFinding[] {
  const leaking = new Set<string>();
  const conflicting = new Set<string>();
  for (const [a, b] of nearPairs(items)) {
    if (a.split !== b.split) leaking.add(a.id).add(b.id);
    if (isAuthentic(a) !== isAuthentic(b) && a.label !== 'unlabelled' && b.label !== 'unlabelled')
      conflicting.add(a.id).add(b.id);
  }
  const findings: DatasetFinding[] = [];
  if (leaking.size > 0)
    findings.push({
      code: 'near_duplicates_across_splits',
      severity: 'warning',
      message: `${leaking.size} pictures look like one in another split, so that a measurement would repeat what was trained.`,
      remedy: 'Look at the pairs and keep one picture of each.',
      items: [...leaking],
    });
  if (conflicting.size > 0)
    findings.push({
      code: 'near_duplicates_across_labels',
      severity: 'info',
      message: `${conflicting.size} pictures look like one with the opposite label. That is right for an original and its manipulation.`,
      remedy: 'Check that each pair is such a pair.',
      items: [...conflicting],
    });
  return findings;
}

/**
 * Pairs whose hashes differ in at most `nearDistance` bits. Of five pieces of a hash at least one is then equal, so that
 * only pictures that share a piece are compared.
 */
function* nearPairs(items: readonly CheckRow[]): Generator<[CheckRow, CheckRow]> {
  const cuts = [0, 4, 7, 10, 13, 16];
  const pieceOf = (item: CheckRow, piece: number): string =>
    item.perceptual_hash.slice(cuts[piece], cuts[piece + 1]);
  for (let piece = 0; piece + 1 < cuts.length; piece++)
    for (const bucket of Map.groupBy(items, (item) => pieceOf(item, piece)).values())
      for (let i = 0; i < bucket.length; i++)
        for (let j = i + 1; j < bucket.length; j++) {
          const [a, b] = [bucket[i], bucket[j]];
          if (!a || !b || hammingDistance(a.perceptual_hash, b.perceptual_hash) > nearDistance) continue;
          const earlier = Array.from({ length: piece }, (_, index) => index);
          if (!earlier.some((index) => pieceOf(a, index) === pieceOf(b, index))) yield [a, b];
        }
}

function checkElsewhere(rows: readonly ElsewhereRow[]): DatasetFinding[] {
  const conflicting = rows.filter(
    (row) =>
      isAuthentic(row) !== isAuthentic({ label: row.other_label }) &&
      row.label !== 'unlabelled' &&
      row.other_label !== 'unlabelled',
  );
  const leaking = rows.filter((row) => row.split !== row.other_split);
  const findings: DatasetFinding[] = [];
  const names = (some: readonly ElsewhereRow[]): string =>
    [...new Set(some.map((row) => row.dataset))].join(', ');
  const ids = (some: readonly ElsewhereRow[]): string[] => [...new Set(some.map((row) => row.id))];
  if (conflicting.length > 0)
    findings.push({
      code: 'conflicting_labels',
      severity: 'error',
      message: `${ids(conflicting).length} pictures bear the opposite label in ${names(conflicting)}.`,
      remedy: 'Find out which label is right and import the pictures again under it.',
      items: ids(conflicting),
    });
  if (leaking.length > 0)
    findings.push({
      code: 'duplicates_in_other_dataset',
      severity: 'warning',
      message: `${ids(leaking).length} pictures stand in another split of ${names(leaking)}, byte for byte.`,
      remedy: 'Do not measure a model of one of these datasets on the other.',
      items: ids(leaking),
    });
  return findings;
}

const properties: { code: string; words: string; of: (item: CheckRow) => string }[] = [
  { code: 'format_bias', words: 'The file format', of: (item) => item.format },
  {
    code: 'size_bias',
    words: 'The number of pixels',
    of: (item) => String(Math.round(Math.log2(item.width * item.height))),
  },
  {
    code: 'compression_bias',
    words: 'The size of the file for its pixels',
    of: (item) => String(Math.round(Math.log2(item.bytes / (item.width * item.height)))),
  },
];

/** Whether something other than the content tells the labels apart. */
function checkBias(items: readonly CheckRow[]): DatasetFinding[] {
  const real = items.filter(isAuthentic);
  const simulated = items.filter((item) => item.label === 'simulated');
  if (real.length < leastForBias || simulated.length < leastForBias) return [];
  return properties.flatMap(({ code, words, of }) => {
    const accuracy = guessingAccuracy(real.map(of), simulated.map(of));
    if (accuracy < biasAccuracy) return [];
    return {
      code,
      severity: 'warning' as const,
      message: `${words} alone tells real from simulated pictures in ${Math.round(accuracy * 100)} of 100 cases.`,
      remedy: 'Add pictures of the rarer kinds to each label, so that formats and sizes are alike in both.',
      items: [],
    };
  });
}

/** How often the best guess from one property is right, with both classes equally frequent: (1 + total variation) / 2. */
function guessingAccuracy(a: readonly string[], b: readonly string[]): number {
  const share = (values: readonly string[], value: string): number =>
    values.filter((other) => other === value).length / values.length;
  const values = [...new Set([...a, ...b])];
  return values.reduce((sum, value) => sum + Math.max(share(a, value), share(b, value)), 0) / 2;
}
