/** Sentences of the datasets pages and of importing. */
import type { DatasetLabel, GroupBy, Split } from '#contract/dataset.ts';

const labels: Record<DatasetLabel, string> = {
  real: 'Real',
  reference: 'Reference',
  simulated: 'Simulated',
  unlabelled: 'Unlabelled',
};
const splits: Record<Split, string> = { train: 'Training', validation: 'Validation', test: 'Test' };

const fieldNames: Record<string, string> = {
  evidenceReason: 'why evidence may stand here',
};
/** Hashes of masks, and of groups of one, by their beginning. */
const short = (value: string | null): string => {
  if (value === null) return 'none';
  return /^[0-9a-f]{64}$/.test(value) ? `${value.slice(0, 8)}…` : value;
};

export const datasetsText = {
  title: 'Datasets',
  list: 'Datasets',
  labels,
  labelHints: {
    real: 'Untouched photographs: what the detector learns as real.',
    reference: 'Pictures whose style the generator may borrow.',
    simulated: 'Pictures known to be manipulated or generated.',
    unlabelled: 'Nothing is known yet; not used for training.',
  } satisfies Record<DatasetLabel, string>,
  splits,
  import: 'Import photographs',
  renderScenes: 'Render scenes',
  empty: 'No dataset yet',
  emptyHint:
    'A dataset is a set of labelled photographs. They are copied into the workspace by their hash; the originals are never changed.',
  choose: 'Choose a dataset on the left.',
  items: (count: string) => `${count} pictures`,
  pictures: 'Pictures',
  manifest: 'Manifest',
  manifestHint: 'SHA-256 over the sorted list of items: names what a run was trained on.',
  filterLabel: 'Label',
  filterSplit: 'Split',
  all: 'All',
  count: (total: string) => `${total} pictures`,
  noneMatch: 'No picture of this dataset matches the filter.',
  noneHere: 'This dataset has no picture yet.',
  train: 'Train on this dataset',
  item: (name: string, width: number, height: number) => `${name}, ${width} by ${height} pixels`,
  byLabel: 'By label',
  bySplit: 'By split',
  edit: {
    title: 'Edit the chosen pictures',
    chosen: (count: string) => (count === '1' ? '1 picture chosen' : `${count} pictures chosen`),
    hint: 'Choose pictures with the mouse or with Space and Shift in the grid, then label them with the keys 1 to 4.',
    label: 'Label',
    move: 'Move to',
    set: 'Set',
    category: 'Category',
    group: 'Group',
    licence: 'Licence',
    values: { category: 'Category', group: 'Name of the group', licence: 'Licence note' },
    setTo: (field: string) => `Set the ${field.toLowerCase()}`,
    emptyHint: {
      category: 'Left empty, the category is taken away.',
      group: 'Pictures of one group stand on one side of a split. Left empty, each gets a group of its own.',
      licence: 'Left empty, the note is taken away.',
    },
    apply: 'Apply',
    dropMasks: 'Take masks away',
    remove: 'Remove',
    done: (summary: string) => `${summary}.`,
    undone: (summary: string) => `Undone: ${summary}.`,
    redone: (summary: string) => `Done again: ${summary}.`,
  },
  masked: 'Mask',
  group: (name: string) => `group ${name}`,
  check: {
    title: 'Check',
    hint: 'Looks for what would make a detector learn, or be measured, wrongly. It also runs before every training.',
    check: 'Check the dataset',
    checking: 'Checking …',
    nothing: 'Nothing was found wrong.',
    blocking: 'No run starts while this stands.',
    severities: { error: 'Grave', warning: 'Warning', info: 'Note' },
    action: (label: string, count: string) => (/\d/.test(label) ? label : `${label} (${count})`),
    allow: 'Let them stand here',
    allowTitle: 'Let evidence stand in a dataset',
    allowIntro:
      'A detector that learned from these pictures must not judge them as if it had never seen them. The reason is recorded.',
    reason: 'Reason',
    needReason: 'Say why these pictures may be learned from.',
    undone: (summary: string) => `Undone: ${summary}.`,
  },
  versions: {
    title: 'Versions',
    now: (number: number, frozen: boolean) =>
      frozen
        ? `It is version ${number}. A run has used it, so the next change begins version ${number + 1}.`
        : `It is version ${number}, which no run has used yet.`,
    show: 'Show versions',
    hide: 'Hide versions',
    none: 'No run has used this dataset. The first that does fixes a version of it, which never changes.',
    version: 'Version',
    fixed: 'Fixed',
    runs: 'Runs',
    run: (number: number) => `Run ${number}`,
    compare: 'Compare with now',
    compareOne: (number: number) => `Compare with now: version ${number}`,
    since: (number: number) => `Since version ${number}`,
    added: (count: string) => `${count} added`,
    removed: (count: string) => `${count} removed`,
    changed: (count: string) => `${count} changed`,
    field: (name: string, from: string | null, to: string | null) =>
      `${fieldNames[name] ?? name}: ${short(from)} → ${short(to)}`,
    more: (count: string) => `and ${count} more`,
    same: 'Nothing has changed since.',
  },
  importDialog: {
    title: 'Import photographs',
    intro: 'Folders are walked. Originals stay where they are; exact copies are stored in the workspace.',
    dataset: 'Dataset',
    datasetHint: 'A new name makes a new dataset; a known name adds to it.',
    existing: 'Adds to an existing dataset.',
    label: 'Label',
    category: 'Category',
    categoryHint: 'Optional, for example a camera or a source.',
    groupBy: 'What belongs together',
    groups: {
      picture: 'Each picture for itself',
      folder: 'Those of one folder',
      camera: 'Those of one camera',
    },
    groupHints: {
      picture: 'Only pictures that look alike are kept on one side of a split.',
      folder: 'For pictures of one person, place or source: no folder stands on two sides of a split.',
      camera: 'As EXIF names it, by maker and model; pictures that name none stand for themselves.',
    } satisfies Record<GroupBy, string>,
    path: 'Folder',
    start: (images: number) => (images === 0 ? 'Import this folder' : `Import this folder (${images} here)`),
    needName: 'Give the dataset a name.',
    needPath: 'Choose a folder or type its path.',
    longName: 'Use at most 120 characters.',
    longCategory: 'Use at most 80 characters.',
  },
  scenesDialog: {
    title: 'Render sample scenes',
    intro:
      'Camera-like pictures with lens blur, sensor noise and JPEG, made by this program. They are labelled as rendered wherever they are shown.',
    dataset: 'Dataset',
    count: 'Scenes',
    seed: 'Seed',
    seedHint: 'The same seed renders the same scenes.',
    start: 'Render',
    needCount: 'Give a whole number from 1 to 2000.',
    needSeed: 'Give a whole number, zero or more.',
  },
  job: {
    added: (count: string) => `${count} added`,
    duplicates: (count: string) => `${count} already there`,
    refused: (count: string) => `${count} refused`,
    addedTitle: 'Added',
    duplicatesTitle: 'Already in the dataset',
    refusedTitle: 'Refused, and why',
    sameAs: (path: string) => `Same content as ${path}`,
    details: 'Details',
  },
} as const;
