/** Writes what lies in the folders of a run among what waits, a bounded number at a time. Begun again, it adds what is missing. */
import path from 'node:path';
import type { Refusal } from '#contract/common.ts';
import type { TriageFolder } from '#contract/triage.ts';
import { walk } from '#features/datasets/walk-files.ts';
import { newId } from '#storage/new-id.ts';
import type { Insertable } from 'kysely';
import type { TriageItemTable } from '#storage/schema.ts';
import type { Database } from '#storage/workspace.ts';
import { insertItems } from './triage-item.repository.ts';

const BATCH = 500;

export async function listFolders(
  db: Database,
  options: {
    run: string;
    folders: readonly TriageFolder[];
    signal: AbortSignal;
    /** Told of what cannot be listed; it stands among the failures too. */
    note: (refusal: Refusal) => void;
  },
): Promise<void> {
  const { run, folders, signal, note } = options;
  let rows: Insertable<TriageItemTable>[] = [];
  const write = async (): Promise<void> => {
    if (rows.length > 0) await insertItems(db, rows);
    rows = [];
  };
  // Where one file lies in two folders, it has the higher priority.
  for (const { path: folder, priority } of folders.toSorted((a, b) => b.priority - a.priority))
    for await (const met of walk([folder])) {
      if (signal.aborted) return;
      const refusal = 'refusal' in met ? met.refusal : null;
      const file = 'file' in met ? met.file : met.refusal.path;
      if (refusal) note(refusal);
      rows.push({
        ...{ id: newId(), run_id: run, path: file, category: path.basename(path.dirname(file)), priority },
        ...(refusal
          ? { state: 'failed' as const, error: JSON.stringify(refusal.error) }
          : { state: 'waiting' as const, error: null }),
      });
      if (rows.length === BATCH) await write();
    }
  await write();
}
