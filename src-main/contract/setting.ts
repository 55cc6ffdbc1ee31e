/** The settings of a workspace: their keys, and what each may hold. One that was never set has no value. */
import { z } from 'zod';

export const settingSchemas = {
  /** Who works here, as the audit log names them; the operating system's user where nobody is named. */
  examiner: z.string().trim().min(1).max(120),
};
export type SettingKey = keyof typeof settingSchemas;
export type SettingValue<K extends SettingKey> = z.output<(typeof settingSchemas)[K]>;
