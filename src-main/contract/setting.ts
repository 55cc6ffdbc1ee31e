/** The settings of a workspace: their keys, what each may hold, and what holds where it was never set. */
import { z } from 'zod';
import { mutation, query } from './api-definition.ts';
import { empty, id } from './common.ts';
import { cacheMegabytes } from './training-run.ts';
import { stabilityWhen } from './stability.ts';

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
  /** Memory for decoded pictures and their tiles, in MB (2^20 bytes): those looked at longest ago are let go first. */
  pictureCacheMegabytes: z.number().int().min(64).max(65_536).default(448),
  /** The same for the decoded photographs of a training run that asks for no other. */
  trainingCacheMegabytes: cacheMegabytes.default(2048),
  /** Of which pictures detection looks at the stability of the verdict. */
  stability: stabilityWhen.default('verdicts'),
});
export const settingKeys = Object.keys(settings.shape) as (keyof Settings)[];
export type Settings = z.output<typeof settings>;

/** What is kept beside the settings. */
const remembered = z.object({
  /** Ids of the cases that were opened last, the last first. Looking at a case is no action of the log. */
  recentCases: z.array(id).max(20).default([]),
  /** Where stored files lie once they were moved; moving them changes it, and nothing else. */
  files: z
    .object({
      /** Null for the workspace's own folder. */
      folder: z.string().nullable(),
      /** Of the mark that a folder elsewhere bears. */
      id,
      /** The folder before, as long as files may be left there. */
      from: z.string().nullable(),
    })
    .nullable()
    .default(null),
});
export const settingSchemas = { ...settings.shape, ...remembered.shape };
export type SettingKey = keyof typeof settingSchemas;
export type SettingValue<K extends SettingKey> = z.output<(typeof settingSchemas)[K]>;

export const settingsApi = {
  get: query(empty, settings),
  /** Changes those that are named. */
  change: mutation(
    z.object({
      examiner: settings.shape.examiner.unwrap().optional(),
      backupHours: settings.shape.backupHours.unwrap().optional(),
      backupsKept: settings.shape.backupsKept.unwrap().optional(),
      unreferencedDays: settings.shape.unreferencedDays.unwrap().optional(),
      pictureCacheMegabytes: settings.shape.pictureCacheMegabytes.unwrap().optional(),
      trainingCacheMegabytes: settings.shape.trainingCacheMegabytes.unwrap().optional(),
      stability: settings.shape.stability.unwrap().optional(),
    }),
    settings,
  ),
};
