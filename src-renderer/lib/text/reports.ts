/** Sentences of reports. */
export const reportsText = {
  open: 'Report',
  title: 'Reports of this case',
  intro:
    'A report is one file that stands alone: evidence with its hashes, verdicts and maps, what ran and what did not, the model, and the extract of the audit log. HTML can be checked again with `verify`; PDF is for paper.',
  write: { html: 'Write HTML', pdf: 'Write PDF' },
  ofChosen: (count: string) => `Of the ${count} chosen`,
  written: 'Written before',
  none: 'No report of this case was written yet.',
  pictures: (count: number) => (count === 1 ? '1 picture' : `${count} pictures`),
  save: 'Save',
  fileName: (id: string, format: string) => `report-${id}.${format}`,
} as const;
