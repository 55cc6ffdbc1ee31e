/** Whether the file, or a picture that looks like it, is on a list of known files that was imported. */
import { z } from 'zod';
import { defineAnalysis, NotRun, type Findings, type KnownFileFacts } from '../analysis.ts';

const algorithmNames: Record<string, string> = {
  sha256: 'SHA-256',
  sha1: 'SHA-1',
  md5: 'MD5',
  dhash: 'difference hash',
};

export const knownFile = defineAnalysis({
  name: 'known-file',
  title: 'Known files',
  question: 'Is the file, or a picture that looks like it, on a list of known files?',
  limits:
    'It compares with the lists that were imported, and says nothing of what being on one means. Files with the same MD5 or SHA-1 can be made on ' +
    'purpose. Pictures that look alike (difference hashes) need not show the same, and mirrored, turned or strongly cropped ones are not found.',
  version: 1,
  needs: 'file',
  asks: 'known-file',
  parameters: z.object({}),
  run: async (_picture, _parameters, _signal, _references, lists): Promise<Findings> => {
    const known = lists.known;
    if (!known || known.lists.length === 0)
      throw new NotRun('No list of known files was imported: `pentimento lists --import FILE` takes one in.');
    return {
      findings: [...matches(known), ...likenesses(known), ...compared(known), ...leftOut(known)],
      details: { lists: known.lists, perceptualHash: known.perceptualHash },
    };
  },
});

const called = (entry: string): string => (entry === '' ? '' : ` as "${entry.slice(0, 200)}"`);

const matches = ({ matches: found }: KnownFileFacts): Findings['findings'] =>
  found.map(({ list, algorithm, hash, entry }) => ({
    code: 'known-file',
    severity: 'notice',
    sentence: `The file is on the list "${list}"${called(entry)}, by its ${algorithmNames[algorithm]}.`,
    data: { list, algorithm, hash, entry },
  }));

const likenesses = ({ alike }: KnownFileFacts): Findings['findings'] =>
  alike.map(({ list, distance, hash, entry }) => ({
    code: 'looks-like-known',
    severity: 'notice',
    sentence: `The picture looks like one on the list "${list}"${called(entry)}: their difference hashes differ in ${distance} of 64 bits.`,
    data: { list, distance, hash, entry },
  }));

function compared({ lists, matches: found, alike, perceptualHash }: KnownFileFacts): Findings['findings'] {
  const kinds = [...new Set(lists.flatMap(({ counts }) => Object.keys(counts)))].filter(
    (kind) => kind !== 'dhash' || perceptualHash !== null,
  );
  if (found.length + alike.length > 0 || kinds.length === 0) return [];
  const names = kinds.map((kind) => algorithmNames[kind] ?? kind).join(', ');
  return [
    {
      code: 'not-on-lists',
      severity: 'fact',
      sentence: `The file is on none of ${lists.length} ${lists.length === 1 ? 'list' : 'lists'}, as far as they hold its ${names}.`,
      data: { lists: lists.map(({ name }) => name) },
    },
  ];
}

function leftOut({ lists, perceptualHash }: KnownFileFacts): Findings['findings'] {
  const foreign = lists.flatMap(({ name, notComparable }) =>
    Object.entries(notComparable).map(([kind, count]): Findings['findings'][number] => ({
      code: 'hashes-not-compared',
      severity: 'unreadable',
      sentence: `The list "${name}" holds ${count} hashes of the kind ${kind}, which cannot be compared here.`,
      data: { list: name, kind, count },
    })),
  );
  const unseen = lists.flatMap(({ name, counts }): Findings['findings'] =>
    counts['dhash'] && perceptualHash === null
      ? [
          {
            code: 'hashes-not-compared',
            severity: 'unreadable',
            sentence: `The difference hashes of the list "${name}" were not compared, because the pixels of the file cannot be read.`,
            data: { list: name, kind: 'dhash', count: counts['dhash'] },
          },
        ]
      : [],
  );
  return [...foreign, ...unseen];
}
