/** SQLite for Kysely, with the head of the audit log written around every commit, so that no transaction can forget it. */
import { SqliteDialect, type DatabaseConnection, type Driver } from 'kysely';
import type { AuditLog } from './audit-log.ts';
import type { Sqlite } from './better-sqlite.ts';

export class AuditedDialect extends SqliteDialect {
  readonly #sqlite: Sqlite;
  readonly #audit: AuditLog;

  constructor(sqlite: Sqlite, audit: AuditLog) {
    super({ database: sqlite });
    this.#sqlite = sqlite;
    this.#audit = audit;
  }

  override createDriver(): Driver {
    const driver = super.createDriver();
    const commit = driver.commitTransaction.bind(driver);
    const rollback = driver.rollbackTransaction.bind(driver);
    driver.commitTransaction = async (connection: DatabaseConnection) => {
      const publishHead = this.#audit.prepareHead();
      await commit(connection);
      publishHead();
    };
    // SQLite rolls back by itself after some failures, e.g. of a full disk; a second time would hide their reason.
    driver.rollbackTransaction = async (connection: DatabaseConnection) => {
      if (this.#sqlite.inTransaction) await rollback(connection);
    };
    return driver;
  }
}
