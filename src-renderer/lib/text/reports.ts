/** Sentences of reports. */
export const reportsText = {
  open: 'Report',
  title: 'Reports of this case',
  intro:
    'A report is one file that stands alone: evidence with its hashes, verdicts and maps, what ran and what did not, the model, and the extract of the audit log. HTML can be checked again on the command line (“verify”); PDF is for paper.',
  write: { html: 'Write HTML', pdf: 'Write PDF' },
  ofChosen: (count: number, shown: string) => (count === 1 ? 'Of the one chosen' : `Of the ${shown} chosen`),
  written: 'Written before',
  none: 'No report of this case was written yet.',
  pictures: (count: number) => (count === 1 ? '1 picture' : `${count} pictures`),
  save: 'Save',
  fileName: (id: string, format: string) => `report-${id}.${format}`,
} as const;
