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

  /** Its default where it was never set, or holds what this version does not take. */
  get<K extends SettingKey>(key: K): SettingValue<K> {
    const schema = settingSchemas[key];
    const text = this.#sqlite
      .prepare<[string], string>('SELECT value FROM settings WHERE key = ?')
      .pluck()
      .get(key) as string | undefined;
    const stored = schema.safeParse(text === undefined ? undefined : JSON.parse(text));
    return (stored.success ? stored.data : schema.parse(undefined)) as SettingValue<K>;
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
