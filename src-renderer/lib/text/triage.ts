/** Sentences of triage: folders that are judged in bulk, their results and failures, and sending some to a case. */
import type { TriageOrder } from '#contract/triage.ts';

const orders: Record<TriageOrder, string> = {
  score: 'Highest score first',
  judged: 'As judged',
  category: 'Category',
  camera: 'Camera',
  taken: 'Taken',
};

export const triageText = {
  list: 'Triage',
  new: 'New triage',
  empty: 'No folder was triaged yet',
  emptyHint:
    'Choose folders of any size. Every picture in them is judged by its score alone, and the list is sorted as results come.',
  needModel: 'Triage needs a model. Train one, or import one that Pentimento exported.',
  toTraining: 'Go to training',
  states: { running: 'Running', paused: 'Paused', done: 'Done' },
  /** Of a run in the list. */
  counts: (judged: string, waiting: string) =>
    waiting === '0' ? `${judged} judged` : `${judged} judged, ${waiting} waiting`,
  judged: (count: string) => `${count} judged`,
  waiting: (count: string) => `${count} waiting`,
  failed: (count: string) => `${count} failed`,
  with: (model: string) => `with ${model}`,
  pause: 'Pause',
  goOn: 'Go on',
  send: 'Send to a case',
  sendSome: (count: string) => `Send ${count} to a case`,
  results: 'Results',
  verdict: 'Verdict',
  anyVerdict: 'Any verdict',
  category: 'Category',
  anyCategory: 'Any category',
  pile: 'Pile',
  anyPile: 'Any pile',
  sort: 'Sort by',
  orders,
  shown: (count: string) => (count === '1' ? '1 picture' : `${count} pictures`),
  chosen: (count: string) => `${count} chosen`,
  chooseNone: 'Choose none',
  none: 'Nothing was judged yet.',
  noneMatch: 'No picture matches these filters.',
  columns: {
    score: 'Score',
    verdict: 'Verdict',
    name: 'Name',
    category: 'Category',
    camera: 'Camera',
    taken: 'Taken',
    pile: 'Pile',
  },
  facts: 'The chosen picture',
  choose: 'Choose a picture to see what was found of it.',
  listHint: 'Arrow keys move, Shift extends, Space adds one, Ctrl+A takes all.',
  noEvidence:
    'A result of triage is no evidence: it says which pictures to look at first. Send a picture to a case to have its bytes kept and judged in full.',
  fact: {
    path: 'Path',
    sha256: 'SHA-256',
    size: 'Size',
    format: 'Format',
    tiles: 'Tiles',
    provider: 'Run by',
    judged: 'Judged',
  },
  failuresTitle: (count: string) => `Not judged, and why (${count})`,
  failuresShown: 'The first of those that could not be judged',
  retry: 'Try these again',
  dialog: {
    title: 'New triage',
    intro:
      'Pictures are read where they lie, never changed or copied. A run can be paused, and goes on where it stopped.',
    add: 'Add this folder',
    chosen: 'Folders of this run, the first ones first',
    none: 'Open a folder above and add it, or start with the one that is open.',
    remove: (name: string) => `Remove ${name}`,
    model: 'Model',
    current: (name: string) => `${name} (current)`,
    start: 'Start triage',
    needPath: 'Choose at least one folder.',
  },
  sending: {
    title: 'Send to a case',
    intro: (count: string) =>
      count === '1'
        ? 'The picture is taken in as evidence, by copy and with its hash. It is judged in full there when you ask for it.'
        : `${count} pictures are taken in as evidence, by copy and with their hashes. They are judged in full there when you ask for it.`,
    into: 'Case',
    newCase: 'A new case',
    name: 'Name of the new case',
    needName: 'Give the case a name.',
    start: 'Send',
    done: (added: string, name: string) => `${added} taken in to ${name}.`,
  },
} as const;
