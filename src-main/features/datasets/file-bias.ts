/**
 * Whether files alone tell real pictures from simulated ones: a linear probe that sees how a file is coded, how large it is and
 * what is written beside its pixels, and nothing that it shows. It judges every picture by the others, those that hang together
 * left out with it. A detector could learn the same, and would know nothing about pictures.
 */
import type { DatasetFinding, DatasetLabel } from '#contract/dataset.ts';
import type { PictureFileFacts } from '#compute/decoding/read-file-facts.ts';
import { bootstrapInterval, take } from '#engine/evaluation/bootstrap.ts';
import { heldOutScores } from '#engine/evaluation/linear-probe.ts';
import { auc } from '#engine/evaluation/metrics.ts';
import { Random } from '#engine/random.ts';

export type FileRow = {
  id: string;
  label: DatasetLabel;
  /** What must not stand on two sides of the probe's folds either. */
  component: string;
  format: string;
  width: number;
  height: number;
  bytes: number;
  facts: PictureFileFacts;
};
export type FileBias = {
  auc: number;
  /** 95 %, bootstrap over components. */
  interval: [number, number] | null;
  /** AUC of each kind of facts alone, the most telling first. */
  kinds: { name: string; auc: number }[];
  /** Pictures whose label their file gives away, at odds of three to one or more. */
  telling: string[];
};

const folds = 5;
/** Of each class; fewer components say nothing, and more pictures say it no better. */
const leastComponents = 10;
const mostPictures = 1000;
const draws = 400;
/** Above this the facts tell enough to be learned, where the interval excludes chance. */
const tellingAuc = 0.6;
const oddsOfThree = Math.log(3);
/** So many ends of the quality's bands that a picture below an end is 1 in its column. */
const qualityBands = [70, 80, 86, 90, 93, 96, 99];

const flag = (value: boolean): number => Number(value);
const factKinds: { name: string; of: (row: FileRow) => number[] }[] = [
  {
    name: 'format',
    of: ({ format, facts }) => [
      ...['jpeg', 'png', 'webp', 'tiff', 'avif', 'gif'].map((one) => flag(format === one)),
      flag(facts.progressive),
      flag(facts.alpha),
    ],
  },
  {
    name: 'size',
    of: ({ width, height }) => [
      ...[
        Math.log2(width),
        Math.log2(height),
        Math.log2(width * height),
        Math.abs(Math.log2(width / height)),
      ],
      ...[flag(width === height), flag(width % 64 === 0 && height % 64 === 0)],
    ],
  },
  {
    name: 'compression',
    of: ({ width, height, bytes, facts: { quality, subsampled } }) => [
      Math.log2(bytes / (width * height)),
      quality ?? 0,
      ...qualityBands.map((end) => flag(quality !== null && quality < end)),
      flag(subsampled === true),
      flag(subsampled === false),
    ],
  },
  {
    name: 'metadata',
    of: ({ facts }) => [flag(facts.exif), flag(facts.xmp), flag(facts.colourProfile), flag(facts.density)],
  },
];

/** Null where there are too few of a class to say. */
export function measureFileBias(all: readonly FileRow[]): FileBias | null {
  const random = new Random('file bias');
  const classes = (['real', 'simulated'] as const).map((label) => all.filter((row) => row.label === label));
  if (classes.some((rows) => new Set(rows.map(({ component }) => component)).size < leastComponents))
    return null;
  const rows = classes.flatMap((some) => random.shuffle(some).slice(0, mostPictures));
  const labels = rows.map(({ label }) => flag(label === 'simulated'));
  const groups = rows.map(({ component }) => component);
  const judge = (kinds: typeof factKinds): Float64Array => {
    const samples = rows.map((row) => kinds.flatMap(({ of }) => of(row)));
    return heldOutScores(samples, labels, { groups, folds }).scores;
  };
  const scores = judge(factKinds);
  const measure = (indices: Int32Array): number | null => auc(take(scores, indices), take(labels, indices));
  return {
    auc: auc(scores, labels)!,
    interval: bootstrapInterval(labels, measure, { random, draws, groups }),
    kinds: factKinds
      .map((kind) => ({ name: kind.name, auc: auc(judge([kind]), labels)! }))
      .sort((a, b) => b.auc - a.auc),
    telling: rows.filter((_, i) => (labels[i] ? 1 : -1) * scores[i]! >= oddsOfThree).map(({ id }) => id),
  };
}

/** The finding, where files tell the labels apart. */
export function findFileBias(rows: readonly FileRow[]): DatasetFinding[] {
  const bias = measureFileBias(rows);
  if (!bias?.interval || bias.interval[0] <= 0.5 || bias.auc < tellingAuc) return [];
  const number = (value: number): string => value.toFixed(2);
  const [low, high] = bias.interval.map(number);
  const kinds = bias.kinds
    .filter((kind) => kind.auc >= tellingAuc)
    .map((kind) => `${kind.name} ${number(kind.auc)}`);
  const most = kinds.length > 0 ? ` Alone: ${kinds.join(', ')}.` : '';
  return [
    {
      code: 'file_facts_tell_class',
      severity: 'warning',
      blocking: false,
      message:
        `Files alone, without what they show, tell real from simulated pictures with an AUC of ${number(bias.auc)} ` +
        `(95 % interval ${low} to ${high}).${most}`,
      remedy:
        'Add pictures of the rarer kinds to each label, so that formats, sizes, qualities and metadata are alike in both. ' +
        'A validation on this dataset may measure the files instead of the pictures.',
      items: bias.telling,
      actions:
        bias.telling.length === 0
          ? []
          : [
              {
                label: 'Take the label from those that their files give away',
                items: bias.telling,
                change: { kind: 'label', label: 'unlabelled' },
              },
              {
                label: 'Remove those that their files give away',
                items: bias.telling,
                change: { kind: 'remove' },
              },
            ],
    },
  ];
}
