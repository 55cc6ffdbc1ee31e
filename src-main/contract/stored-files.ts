/** Where the files of a workspace lie, and moving them. */
import { z } from 'zod';
import { mutation, query } from './api-definition.ts';
import { empty, id, sha256 } from './common.ts';
import { pathToWrite } from './host-path.ts';

export const storedFilesPlace = z.object({
  folder: z.string(),
  /** Whether that is in the workspace's own folder. */
  own: z.boolean(),
  /** Of its disk; null where the folder is not there. */
  freeBytes: z.number().nullable(),
});
export type StoredFilesPlace = z.infer<typeof storedFilesPlace>;

export const movedFiles = z.object({
  folder: z.string(),
  files: z.number().int().nonnegative(),
  bytes: z.number().nonnegative(),
  /** Files that were damaged before; they were moved as they are. */
  damaged: z.array(sha256),
});
export type MovedFiles = z.infer<typeof movedFiles>;

export const storedFilesApi = {
  where: query(empty, storedFilesPlace),
  /** Starts a job that moves all files into a new or empty folder; back into the workspace's own where none is named. */
  move: mutation(z.object({ to: pathToWrite.optional() }), z.object({ jobId: id })),
};
