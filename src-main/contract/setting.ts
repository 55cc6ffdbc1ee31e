/** The settings of a workspace: their keys, what each may hold, and what holds where it was never set. */
import { z } from 'zod';
import { mutation, query } from './api-definition.ts';
import { empty } from './common.ts';

const settings = z.object({
  /** Who works here, as the audit log names them; null for the operating system's user. */
  examiner: z.string().trim().min(1).max(120).nullable().default(null),
  /** Hours between two backups while the workbench is open; 0 for none. */
  backupHours: z
    .number()
    .int()
    .min(0)
    .max(24 * 365)
    .default(24),
  /** Backups that are kept; older ones are removed when a new one is made. */
  backupsKept: z.number().int().min(1).max(1000).default(7),
  /** Days that a file to which nothing refers is kept before it may be removed. */
  unreferencedDays: z.number().int().min(1).max(3650).default(7),
});
export const settingSchemas = settings.shape;
export type Settings = z.output<typeof settings>;
export type SettingKey = keyof Settings;
export type SettingValue<K extends SettingKey> = Settings[K];

export const settingsApi = {
  get: query(empty, settings),
  /** Changes those that are named. */
  change: mutation(
    z.object({
      examiner: settings.shape.examiner.unwrap().optional(),
      backupHours: settings.shape.backupHours.unwrap().optional(),
      backupsKept: settings.shape.backupsKept.unwrap().optional(),
      unreferencedDays: settings.shape.unreferencedDays.unwrap().optional(),
    }),
    settings,
  ),
};
