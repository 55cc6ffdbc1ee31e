/** A second, reading connection to the database, which sees it as it was when it was opened, whatever is written since. */
import { loadBetterSqlite, workspaceError, type Sqlite } from './better-sqlite.ts';

/**
 * Runs `work` with a connection in a read transaction. It keeps nobody from writing.
 * @param sqlite of the workspace
 */
export async function withSnapshot<T>(sqlite: Sqlite, work: (snapshot: Sqlite) => Promise<T>): Promise<T> {
  const Database = await loadBetterSqlite();
  let snapshot: Sqlite | undefined;
  try {
    snapshot = new Database(sqlite.name, { readonly: true });
    // A transaction sees nothing before its first reading.
    snapshot.exec('BEGIN; SELECT 1 FROM sqlite_schema');
    return await work(snapshot);
  } catch (error) {
    throw workspaceError(error, sqlite.name);
  } finally {
    snapshot?.close();
  }
}
