/** The settings of a workspace in its database. */
import type { Transaction } from 'kysely';
import { settingSchemas, type SettingKey, type SettingValue } from '#contract/setting.ts';
import type { Sqlite } from './better-sqlite.ts';
import type { WorkspaceDatabase } from './schema.ts';

export class SettingStore {
  readonly #sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  /** Undefined where it was never set, or holds what this version does not take. */
  get<K extends SettingKey>(key: K): SettingValue<K> | undefined {
    const text = this.#sqlite
      .prepare<[string], string>('SELECT value FROM settings WHERE key = ?')
      .pluck()
      .get(key) as string | undefined;
    if (text === undefined) return undefined;
    const { data } = settingSchemas[key].safeParse(JSON.parse(text));
    return data as SettingValue<K> | undefined;
  }

  async set<K extends SettingKey>(
    transaction: Transaction<WorkspaceDatabase>,
    key: K,
    value: SettingValue<K>,
  ): Promise<void> {
    const text = JSON.stringify(value);
    await transaction
      .insertInto('settings')
      .values({ key, value: text })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: text }))
      .execute();
  }
}
