/** The entries of a workspace's audit log, from the first. */
import type { AuditEntry } from '#contract/audit.ts';
import { toAuditEntry } from '#storage/audit-log.ts';
import type { AuditLogTable } from '#storage/schema.ts';
import type { Workspace } from '#storage/workspace.ts';

export const recordedEntries = ({ sqlite }: Pick<Workspace, 'sqlite'>): AuditEntry[] =>
  sqlite.prepare<[], AuditLogTable>('SELECT * FROM audit_log ORDER BY sequence').all().map(toAuditEntry);

/** Actions, each with the id of its subject, without those of opening the workspace. */
export const recordedActions = (workspace: Pick<Workspace, 'sqlite'>): [string, string][] =>
  recordedEntries(workspace)
    .filter(({ subject }) => subject.kind !== 'workspace')
    .map(({ action, subject }) => [action, subject.id]);
