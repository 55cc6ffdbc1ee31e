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
  file: (title: string) => `Open: ${title}`,
  version: (version: number, program: string) => `version ${version} of the analysis, program ${program}`,
} as const;
