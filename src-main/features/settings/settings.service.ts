/** The settings of the workspace. */
import type { JsonValue } from '#contract/audit.ts';
import { settingKeys, type Settings } from '#contract/setting.ts';
import type { Workspace } from '#storage/workspace.ts';

export class SettingsService {
  readonly #workspace: Workspace;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  get(): Settings {
    return Object.fromEntries(settingKeys.map((key) => [key, this.#workspace.settings.get(key)])) as Settings;
  }

  /** Changes those that are named; those that stay as they were are not recorded. */
  async change(to: { [K in keyof Settings]?: Settings[K] | undefined }): Promise<Settings> {
    const { db, audit, settings } = this.#workspace;
    await db.transaction().execute(async (transaction) => {
      for (const key of settingKeys) {
        const value = to[key];
        const before: JsonValue = settings.get(key);
        if (value === undefined || value === before) continue;
        await settings.set(transaction, key, value);
        audit.record(transaction, {
          action: 'setting.changed',
          subject: { kind: 'workspace', id: 'workspace' },
          payload: { key, from: before, to: value },
        });
      }
    });
    return this.get();
  }
}
