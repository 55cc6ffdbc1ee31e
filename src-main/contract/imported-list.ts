/** Lists that others made and a person imported: hashes of known files, and certificates that signers of credentials are judged by. */
import { z } from 'zod';
import { mutation, query } from './api-definition.ts';
import { empty, id, sha256, timestamp } from './common.ts';
import { pathToRead } from './host-path.ts';

export const listKind = z.enum(['hashes', 'trust']);
export type ListKind = z.infer<typeof listKind>;

/** `dhash`: the difference hash of this program, 64 bits; compared by the bits that differ. */
export const hashAlgorithm = z.enum(['sha256', 'sha1', 'md5', 'dhash']);
export type HashAlgorithm = z.infer<typeof hashAlgorithm>;

const count = z.number().int().nonnegative();
export const importedList = z.object({
  id,
  kind: listKind,
  name: z.string().min(1),
  /** As whoever imported it said of it: when it was issued. */
  date: z.iso.date(),
  /** The file as it was imported. */
  sha256,
  sourcePath: z.string(),
  /** Entries that can be compared, by kind: an algorithm, or `certificates`. */
  counts: z.record(z.string(), count),
  /** Hashes of kinds that this program cannot compute, e.g. `pdq`, by their column. */
  notComparable: z.record(z.string(), count),
  importedAt: timestamp,
});
export type ImportedList = z.infer<typeof importedList>;

export const importedListsApi = {
  /** In the order in which they were imported. */
  list: query(empty, z.object({ lists: z.array(importedList) })),
  import: mutation(
    z.object({
      path: pathToRead,
      kind: listKind,
      name: z.string().trim().min(1).max(120),
      date: z.iso.date(),
    }),
    importedList,
  ),
  /** Later analyses do not ask it any more; results keep what it said. Answers with what was removed. */
  remove: mutation(z.object({ id }), importedList),
};
