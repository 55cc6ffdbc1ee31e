/** What opening a workspace writes into its audit log: the first entry, a head that does not match, and what a program that ended left unfinished. */
import type { Transaction } from 'kysely';
import type { AuditAction } from '#contract/audit.ts';
import { AppError } from '#contract/errors.ts';
import type { AuditLog } from './audit-log.ts';
import type { Sqlite } from './better-sqlite.ts';
import {
  runRows,
  sealableRows,
  tablesToSeal,
  tablesUnderSeal,
  type SealedRow,
  type SealedTable,
  sealedAtOnce,
} from './row-seals.ts';
import type { WorkspaceDatabase } from './schema.ts';

type Opening = { transaction: Transaction<WorkspaceDatabase>; audit: AuditLog; sqlite: Sqlite };

const subject = { kind: 'workspace', id: 'workspace' } as const;
const active = ['queued', 'running', 'paused'] as const;
const interrupted = 'The program ended before this was finished.';

/** Begins the log, or says in it that it is not the one that its head file told of; seals what earlier versions did not. */
export function recordOpening({ transaction, audit, sqlite }: Opening): void {
  const comparison = audit.compareHead();
  const found = audit.head();
  if (!comparison.matches) {
    const { expected } = comparison;
    audit.record(transaction, { action: 'workspace.head-mismatched', subject, payload: { expected, found } });
    return;
  }
  if (found.entries === 0) {
    const rows = sealableRows(sqlite, tablesToSeal);
    const action = rows.length === 0 ? 'workspace.created' : 'workspace.log-begun';
    sealTables({ transaction, audit }, action, tablesToSeal, rows);
    return;
  }
  const sealed = tablesUnderSeal(sqlite);
  const others = tablesToSeal.filter((table) => !sealed.includes(table));
  if (others.length > 0)
    sealTables({ transaction, audit }, 'workspace.seals-begun', others, sealableRows(sqlite, others));
}

/** Records that from now on every row of these tables is sealed, and seals those that are there. */
function sealTables(
  { transaction, audit }: Omit<Opening, 'sqlite'>,
  action: AuditAction,
  tables: readonly SealedTable[],
  rows: readonly SealedRow[],
): void {
  for (let done = 0; done === 0 || done < rows.length; done += sealedAtOnce)
    audit.record(transaction, {
      action,
      subject,
      payload: done === 0 ? { sealed: tables } : {},
      seal: rows.slice(done, done + sealedAtOnce),
    });
}

/** What runs or waits in a workspace that nobody held was interrupted. Answers with the runs among that. */
export async function interrupt(
  transaction: Transaction<WorkspaceDatabase>,
): Promise<{ id: string; step: number }[]> {
  const now = Date.now();
  const error = new AppError('cancelled', interrupted, {
    hint: 'Start it again; what was finished before is kept.',
  }).toData();
  await transaction
    .updateTable('jobs')
    .set({ state: 'interrupted', ended_at: now, error: JSON.stringify(error) })
    .where('state', 'in', active)
    .execute();
  return (
    transaction
      .updateTable('training_runs')
      .set({ state: 'interrupted', ended_at: now })
      // A paused one was held by nobody, and its rows are sealed: it stays as it is.
      .where('state', 'in', ['queued', 'running'])
      .returning(['id', 'step'])
      .execute()
  );
}

export async function recordInterruptions({ transaction, audit }: Opening): Promise<void> {
  for (const { id, step } of await interrupt(transaction))
    audit.record(transaction, {
      action: 'run.ended',
      subject: { kind: 'run', id },
      payload: { state: 'interrupted', step, reason: interrupted },
      seal: runRows(id),
    });
}
