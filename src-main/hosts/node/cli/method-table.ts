/** The rows of `bench method` as a person reads them. */
import type { StudyRow } from '#features/method-study/study-row.ts';
import { figure, table } from './format.ts';

type Interval = readonly [number, number] | null | undefined;
const withInterval = (value: number | null | undefined, interval: Interval): string => {
  const text = figure(value ?? null);
  return interval ? `${text} [${figure(interval[0])}, ${figure(interval[1])}]` : text;
};
const keysOf = (rows: readonly StudyRow[], of: (row: StudyRow) => object): string[] => [
  ...new Set(rows.flatMap((row) => Object.keys(of(row)))),
];
/** What a row is known by. Rows of one name with other configurations or data are told apart by their hashes. */
const head = ['row', 'seed', 'steps', 'crop', 'photographs', 'configuration'];
const known = ({ name, seed, steps, crop, photographs, config_hash, data_hash }: StudyRow) => [
  ...[name, seed, steps, crop],
  `${photographs} ${data_hash.slice(0, 6)}`,
  config_hash.slice(0, 8),
];

function main(rows: readonly StudyRow[]): string {
  return table(
    [...head, 'mean lossless', 'mean q90', 'pixel', 'pixel q90', 'false alarms', 'q90', 'commit'],
    rows.map((row) => [
      ...known(row),
      withInterval(row.mean_lossless, row.intervals.mean_lossless),
      withInterval(row.mean_q90, row.intervals.mean_q90),
      withInterval(row.pixel_auc, row.intervals.pixel_auc),
      figure(row.pixel_auc_q90),
      withInterval(row.fpr_real, row.intervals.fpr_real),
      figure(row.fpr_real_q90),
      row.commit === null ? '-' : row.commit.replace(/^(.{8})[^-]*/, '$1'),
    ]),
  );
}

function operations(rows: readonly StudyRow[], saving: 'lossless' | 'q90'): string {
  const names = keysOf(rows, (row) => row[saving]);
  return table(
    [...head.slice(0, 3), ...names],
    rows.map((row) => [
      ...known(row).slice(0, 3),
      ...names.map((name) => withInterval(row[saving][name], row.intervals[saving][name])),
    ]),
  );
}

function set(rows: readonly StudyRow[], name: string): string {
  const columns = ['native', 'q90', 'pixel', 'pixel_within'] as const;
  return table(
    [
      ...head.slice(0, 3),
      'real',
      'simulated',
      'image native',
      'image q90',
      'pixel q90',
      'pixel q90 within pictures',
    ],
    rows.flatMap((row) => {
      const figures = row.sets[name];
      return figures
        ? [
            [
              ...known(row).slice(0, 3),
              figures.counts.real,
              figures.counts.simulated,
              ...columns.map((column) => withInterval(figures[column], figures.intervals[column])),
            ],
          ]
        : [];
    }),
  );
}

/** False alarms on photographs of other sources than the test photographs', native / saved again. */
function sources(rows: readonly StudyRow[]): string {
  const names = keysOf(rows, (row) => row.fpr_sources);
  return table(
    [...head.slice(0, 3), ...names],
    rows.map((row) => [
      ...known(row).slice(0, 3),
      ...names.map((name) => {
        const rates = row.fpr_sources[name];
        return rates ? `${figure(rates.native)} / ${figure(rates.q90)}` : '-';
      }),
    ]),
  );
}

/** AUC of every way to make one score of a picture, on one set saved again. */
function pictureScores(rows: readonly StudyRow[], name: string): string {
  const scores = keysOf(rows, (row) => row.scores[name] ?? {});
  return table(
    [...head.slice(0, 3), ...scores],
    rows.map((row) => [
      ...known(row).slice(0, 3),
      ...scores.map((score) => figure(row.scores[name]?.[score]?.q90 ?? null)),
    ]),
  );
}

/** Tables of all rows: the means, each operation, false alarms, each set; then what the rows are. */
export function methodText(rows: readonly StudyRow[]): string {
  const titles = new Map(rows.map(({ name, title }) => [name, title]));
  return [
    main(rows),
    ...(['lossless', 'q90'] as const).map(
      (saving) =>
        `AUC of each operation, ${saving === 'q90' ? 're-saved at quality 90' : 'lossless'}:\n${operations(rows, saving)}`,
    ),
    `False alarms on photographs of other sources, native / q90:\n${sources(rows)}`,
    ...keysOf(rows, (row) => row.sets).map(
      (name) =>
        `${name}:\n${set(rows, name)}\n\n${name}, image AUC at q90 by the score of a picture:\n${pictureScores(rows, name)}`,
    ),
    [...titles].map(([name, title]) => `${name}: ${title}`).join('\n'),
  ].join('\n\n');
}
