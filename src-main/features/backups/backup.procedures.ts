/** The backups part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { backupsApi } from '#contract/backup.ts';
import type { BackupService } from './backup.service.ts';

export const backupProcedures = (backups: BackupService): Handlers<typeof backupsApi> => ({
  list: () => ({ backups: backups.list(), problem: backups.problem?.toData() ?? null }),
  create: () => backups.create(),
});
