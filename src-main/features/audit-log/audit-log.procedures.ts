/** The audit log part of the API: entries as they stand in the database. Whether they are those that were written, verification finds out. */
import type { Handlers } from '#contract/api-definition.ts';
import type { auditLogApi } from '#contract/audit.ts';
import { AppError } from '#contract/errors.ts';
import { toAuditEntry } from '#storage/audit-log.ts';
import type { Workspace } from '#storage/workspace.ts';
import { countEntries, findEntry, pageOfEntries } from './audit-entry.repository.ts';

export const auditLogProcedures = ({
  db,
  audit,
}: Pick<Workspace, 'db' | 'audit'>): Handlers<typeof auditLogApi> => ({
  entries: async (asked) => ({
    entries: (await pageOfEntries(db, asked)).map(toAuditEntry),
    total: await countEntries(db, asked),
    head: audit.head(),
  }),
  get: async ({ sequence }) => {
    const row = await findEntry(db, sequence);
    if (!row) throw new AppError('not_found', `The audit log has no entry ${sequence}.`);
    return toAuditEntry(row);
  },
});
