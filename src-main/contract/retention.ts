/** What the workspace keeps to which nothing refers, and taking it away. */
import { z } from 'zod';
import { mutation, query } from './api-definition.ts';
import { empty, sha256, timestamp } from './common.ts';

export const unreferencedFile = z.object({
  hash: sha256,
  bytes: z.number().int().nonnegative(),
  /** `left over`: a file without a row, which a program left that ended while it stored it. */
  kind: z.enum(['original', 'derived', 'left over']),
  storedAt: timestamp,
});
export type UnreferencedFile = z.infer<typeof unreferencedFile>;

export const collectionPlan = z.object({
  files: z.number().int(),
  bytes: z.number(),
  /** The first 200, largest first. */
  listed: z.array(unreferencedFile),
  /** Names exactly these files; `collect` takes it, so that nothing goes that was not told of. */
  digest: sha256,
  /** Everything that the store holds. */
  stored: z.object({ files: z.number().int(), bytes: z.number() }),
});
export type CollectionPlan = z.infer<typeof collectionPlan>;

export const retentionApi = {
  /** What `collect` would remove. Changes nothing. */
  plan: query(empty, collectionPlan),
  collect: mutation(z.object({ digest: sha256 }), z.object({ files: z.number().int(), bytes: z.number() })),
};
