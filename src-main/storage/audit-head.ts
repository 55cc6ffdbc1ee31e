/**
 * The head of the audit log, kept outside the database in the file `audit-head.json`, so that entries cut off its end
 * are missed.
 *
 * The file is written whole: before a commit its next content is flushed to a neighbour (where that fails the commit
 * does not happen), after the commit the neighbour is renamed. A program that dies between the two leaves the database
 * ahead of the file by the entries of that one commit. The file is never ahead of the database; where it is, or where
 * its hash is not that of the entry that it counts to, the log has been changed.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { auditHead, type AuditHead } from '#contract/audit.ts';
import { workspaceError } from './better-sqlite.ts';

/** The `previous` of the first entry, and the hash of a log without entries. */
export const noHash = '0'.repeat(64);

export class AuditHeadFile {
  readonly path: string;

  constructor(folder: string) {
    this.path = path.join(folder, 'audit-head.json');
  }

  /** Null where there is no file; `unreadable` where it does not hold a head. */
  read(): AuditHead | null | 'unreadable' {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      return 'unreadable';
    }
    try {
      return auditHead.parse(JSON.parse(text));
    } catch {
      return 'unreadable';
    }
  }

  /**
   * Flushes the next head to the disk and answers with what puts it in place.
   * Errors: `disk_full`, `workspace_not_writable`.
   */
  prepare(head: AuditHead): () => void {
    const neighbour = `${this.path}.next`;
    try {
      const file = openSync(neighbour, 'w');
      try {
        writeSync(file, `${JSON.stringify(head)}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      throw workspaceError(error, path.dirname(this.path));
    }
    return () => renameSync(neighbour, this.path);
  }
}
