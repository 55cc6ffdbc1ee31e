/** Backups of the workspace's database, in its folder `backups`. */
import { z } from 'zod';
import { mutation, query } from './api-definition.ts';
import { empty, timestamp } from './common.ts';
import { errorData } from './errors.ts';

export const backup = z.object({
  /** Of the file in the folder. */
  name: z.string(),
  at: timestamp,
  reason: z.enum(['scheduled', 'requested', 'migration']),
  bytes: z.number().int().nonnegative(),
});
export type Backup = z.infer<typeof backup>;

export const backupsApi = {
  /** Newest first; with what kept the last scheduled one from being made. */
  list: query(empty, z.object({ backups: z.array(backup), problem: errorData.nullable() })),
  create: mutation(empty, backup),
};
