/** Diagnostics: what helps to find a fault of the program, in one file that a person can send, without any evidence. */
import { z } from 'zod';
import { mutation } from './api-definition.ts';
import { pathToWrite } from './host-path.ts';

export const collectedDiagnostics = z.object({
  path: z.string(),
  bytes: z.number().int().nonnegative(),
  /** Names of what is in it. */
  files: z.array(z.string()),
});
export type CollectedDiagnostics = z.infer<typeof collectedDiagnostics>;

export const diagnosticsApi = {
  /** Writes them to a new zip file. */
  collect: mutation(z.object({ path: pathToWrite }), collectedDiagnostics),
};
