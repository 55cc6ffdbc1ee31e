/** Sentences of the lists that analyses ask: known files, and certificates of signers. */
import type { ListKind } from '#contract/imported-list.ts';

const kinds: Record<ListKind, string> = { hashes: 'Known files', trust: 'Certificates' };

export const importedListsText = {
  title: 'Lists that analyses ask',
  hint: 'Hashes of known files, and certificates by which signers of content credentials are judged; of those the list of the latest date. Nothing is looked up elsewhere.',
  none: 'No list was imported.',
  name: 'Name',
  kind: 'Kind',
  kinds,
  date: 'Of',
  entries: 'Entries',
  file: 'File',
  imported: 'Imported',
  entriesOf: (count: string, kind: string) => `${count} ${kind}`,
  notComparable: (count: string, kind: string) => `${count} ${kind}, which this program cannot compare`,
  import: 'Import a list …',
  importDialog: {
    title: 'Import a list',
    intro:
      'CSV with columns SHA-256, SHA-1, MD5 or dHash, one hash a line, or certificates as PEM. The file is kept as it is.',
    path: 'Path of the list',
    needPath: 'Type the path of a list, or choose one below.',
    name: 'Name',
    nameHint: 'What results call it.',
    needName: 'Give the list a name.',
    date: 'Issued on',
    needDate: 'Say when the list was issued.',
    start: 'Import',
    done: (name: string) => `“${name}” was imported.`,
  },
  remove: (name: string) => `Remove ${name}`,
  removeDialog: {
    title: (name: string) => `Remove “${name}”`,
    intro:
      'Later analyses do not ask it any more. Results that were made keep what it said, and the audit log keeps its name and hash. It can be imported again from its file.',
    start: 'Remove the list',
    done: (name: string) => `“${name}” was removed.`,
  },
} as const;
