/** Sentences of the classical analyses. */
import type { AnalysisState, FindingSeverity } from '#contract/analysis.ts';

export const analysisText = {
  title: 'Analyses',
  all: 'Run all',
  running: 'Running…',
  none: 'None has been run on this picture.',
  noFindings: 'It found nothing to tell.',
  failedToOpen: 'The picture could not be analysed',
  states: { ran: 'ran', 'not-run': 'not run', failed: 'failed' } satisfies Record<AnalysisState, string>,
  severities: {
    fact: 'fact',
    notice: 'worth a look',
    contradiction: 'contradiction',
    unreadable: 'unreadable',
  } satisfies Record<FindingSeverity, string>,
  /** Analyses of the catalogue that nobody asked for on this picture. */
  notAsked: (titles: readonly string[]) => `Not asked for yet: ${titles.join(', ')}.`,
  layer: (analysis: string, map: string) => `${analysis}: ${map}`,
  layerHint: (analysis: string) =>
    `A map of the analysis “${analysis}”. What it cannot show stands with its result.`,
  choose: 'Choose and set…',
  comparedWith: (count: number) => `Compared with ${count} ${count === 1 ? 'picture' : 'pictures'}`,
  parameters: 'Parameters',
  form: {
    title: 'Analyses and their parameters',
    intro: 'Parameters are remembered for this case, with what was compared.',
    scope: 'Run on',
    picture: 'this picture',
    case: 'every picture of the case',
    start: (count: number) => (count === 1 ? 'Run 1 analysis' : `Run ${count} analyses`),
    bounds: (min: number | undefined, max: number | undefined) =>
      min === undefined || max === undefined
        ? 'It must be a number within its bounds.'
        : `It must be a number from ${min} to ${max}.`,
    switch: { true: 'yes', false: 'no' },
    compareWith: (what: string) => `Compare with ${what}`,
    howMany: (least: number, most: number) =>
      most === 1 ? 'Exactly one.' : `At least ${least}; of more than ${most}, ${most} are taken.`,
    needReference: 'Name what it is compared with.',
    source: {
      none: 'nothing',
      files: 'a file or folder',
      dataset: 'the real pictures of a dataset',
      evidence: 'other pictures of this case',
    },
    path: 'File or folder',
    chooseFolder: 'Choose folder…',
    dataset: 'Dataset',
    items: 'Pictures',
    itemsHint: 'Several with Ctrl or Shift.',
  },
  curves: {
    whole: 'Power by frequency',
    residual: 'Power by frequency, residual',
    axes: { x: 'cycles a pixel', y: 'log10 of power' },
    own: 'this picture',
    lowest: '5 % of the references lie below',
    median: 'median of the references',
    highest: '5 % of the references lie above',
    summary: (title: string, references: number) =>
      references === 0
        ? `${title} of this picture`
        : `${title} of this picture and of ${references} reference pictures`,
  },
  file: (title: string) => `Open: ${title}`,
  version: (version: number, program: string) => `version ${version} of the analysis, program ${program}`,
} as const;
