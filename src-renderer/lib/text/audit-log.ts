/** Sentences of the audit log's browser, and of verification beside it. */
import type { auditSubjectKinds } from '#contract/audit.ts';

type SubjectKind = (typeof auditSubjectKinds)[number];
const kinds: Record<SubjectKind, string> = {
  workspace: 'Workspace',
  dataset: 'Datasets',
  run: 'Training runs',
  model: 'Models',
  verdict: 'Verdicts',
  triage: 'Triage',
  analysis: 'Analyses',
  job: 'Jobs',
  case: 'Cases',
  evidence: 'Evidence',
  report: 'Reports',
  list: 'Imported lists',
};

export const auditLogText = {
  title: 'Audit log',
  browse: 'Browse the log',
  back: 'Settings',
  kinds,
  kind: 'About',
  anyKind: 'Anything',
  search: 'Search',
  searchHint: 'Action, examiner, id, content',
  head: (entries: string) => `${entries} entries; hash of the last one:`,
  headName: 'Hash of the last entry',
  shown: (count: string) => (count === '1' ? '1 entry' : `${count} entries`),
  none: 'No entry matches.',
  list: 'Entries',
  columns: { sequence: 'No.', at: 'When', action: 'Action', subject: 'About', examiner: 'Examiner' },
  entry: 'The chosen entry',
  choose: 'Choose an entry to see all that it holds.',
  keys: 'Arrow keys move. What an entry holds never changes: another one is added.',
  heading: (sequence: number) => `Entry ${sequence}`,
  hash: 'Hash',
  previous: 'Hash of the entry before',
  id: 'Id',
  payload: 'Content',
} as const;
