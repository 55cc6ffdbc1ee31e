/**
 * The audit log of a workspace. An action records its entry inside the transaction of its effect, so that neither can be
 * there without the other.
 *
 * `hash` is SHA-256 over the canonical JSON (canonical-json.ts) of
 * `{ action, at, examiner, payload, previous, sequence, subject: { id, kind } }`, where `previous` is the hash of the
 * entry before. A chain of hashes shows a change to whoever knows its head; it does not keep one who can write the
 * whole folder from writing another chain: the head is worth keeping elsewhere too.
 */
import { createHash } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Transaction } from 'kysely';
import type { AuditEntry, AuditEvent, AuditHead, JsonObject } from '#contract/audit.ts';
import { AppError } from '#contract/errors.ts';
import { noHash, type AuditHeadFile } from './audit-head.ts';
import type { Sqlite } from './better-sqlite.ts';
import { canonicalJson } from './canonical-json.ts';
import { digestRows, type Seal, type SealedRow } from './row-seals.ts';
import type { AuditLogTable, WorkspaceDatabase } from './schema.ts';
import type { SettingStore } from './setting-store.ts';

/** What a service says of an action, in the same transaction after its effect was written. */
export type RecordedEvent = AuditEvent & {
  /** Rows of results as they are now: the entry holds their digests. */
  seal?: readonly SealedRow[];
  /** Sealed rows that may change from here on, until an entry seals them again. */
  open?: readonly SealedRow[];
};

export class AuditLog {
  readonly #sqlite: Sqlite;
  readonly #file: AuditHeadFile;
  readonly #settings: SettingStore;
  /** As the head file has it; null until it is known. */
  #published: AuditHead | null = null;

  readonly #readOnly: AppError | null;

  /** @param readOnly why nothing can be recorded, where the workspace is open for reading only */
  constructor(sqlite: Sqlite, file: AuditHeadFile, settings: SettingStore, readOnly: AppError | null) {
    this.#readOnly = readOnly;
    this.#sqlite = sqlite;
    this.#file = file;
    this.#settings = settings;
  }

  /**
   * Adds an entry; where it fails, let the error end the transaction and with it the action.
   * @param transaction that writes the effect: the entry is part of it
   */
  record(
    transaction: Transaction<WorkspaceDatabase>,
    { action, subject, payload = {}, seal = [], open = [] }: RecordedEvent,
  ): AuditEntry {
    if (this.#readOnly) throw this.#readOnly;
    // The workspace has one connection: what is written to it now belongs to the transaction that is open.
    if (!transaction.isTransaction || !this.#sqlite.inTransaction)
      throw new AppError(
        'internal',
        `The action ${action} was recorded outside the transaction of its effect.`,
      );
    const head = this.head();
    const seals: Seal[] = [
      ...seal.map((row) => ({ ...row, digest: digestRows(this.#sqlite, row) })),
      ...open.map((row) => ({ ...row, digest: null })),
    ];
    const text = canonicalJson(seals.length === 0 ? payload : { ...payload, seals });
    const content = {
      sequence: head.entries + 1,
      previous: head.hash,
      at: Date.now(),
      examiner: this.examiner(),
      action,
      subject: { kind: subject.kind, id: subject.id },
      payload: JSON.parse(text) as AuditEntry['payload'],
    };
    const entry = { ...content, hash: entryHash(content) };
    this.#sqlite
      .prepare(
        `INSERT INTO audit_log (sequence, previous, hash, at, examiner, action, subject_kind, subject_id, payload)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        entry.sequence,
        entry.previous,
        entry.hash,
        entry.at,
        entry.examiner,
        action,
        subject.kind,
        subject.id,
        text,
      );
    return entry;
  }

  /** Who works here: as the settings name them, or the operating system's user. */
  examiner(): string {
    return this.#settings.get('examiner') ?? operatingSystemUser();
  }

  /** As it stands in the database, in an open transaction with the entries of that. */
  head(): AuditHead {
    const last = this.#sqlite
      .prepare<[], { sequence: number; hash: string }>(
        'SELECT sequence, hash FROM audit_log ORDER BY sequence DESC LIMIT 1',
      )
      .get();
    return last ? { entries: last.sequence, hash: last.hash } : { entries: 0, hash: noHash };
  }

  /** Before a commit: makes the head file ready, and answers with what puts it in place after the commit. */
  prepareHead(): () => void {
    const head = this.head();
    if (this.#readOnly || head.hash === this.#published?.hash) return () => undefined;
    const publish = this.#file.prepare(head);
    return () => {
      publish();
      this.#published = head;
    };
  }

  /**
   * On opening: whether the head file tells of this log. A log that is ahead of it (the program died after a commit) is
   * believed; for any other difference the answer says what the file told of, `null` for no file.
   */
  compareHead(): { matches: true } | { matches: false; expected: AuditHead | null | 'unreadable' } {
    const head = this.head();
    const file = this.#file.read();
    if (file === null && head.entries === 0) {
      this.#file.prepare(head)();
      this.#published = head;
      return { matches: true };
    }
    if (file === null || file === 'unreadable') return { matches: false, expected: file };
    const hash = file.entries === 0 ? noHash : this.#hashOf(file.entries);
    if (hash !== file.hash) return { matches: false, expected: file };
    if (file.entries < head.entries) this.#file.prepare(head)();
    this.#published = head;
    return { matches: true };
  }

  #hashOf(sequence: number): string | undefined {
    return this.#sqlite
      .prepare<[number], string>('SELECT hash FROM audit_log WHERE sequence = ?')
      .pluck()
      .get(sequence) as string | undefined;
  }
}

/** The hash of an entry, from its other fields. */
export const entryHash = (entry: Omit<AuditEntry, 'hash'>): string =>
  createHash('sha256').update(entryText(entry), 'utf8').digest('hex');

/** The text that the hash of an entry is of. */
export function entryText(entry: Omit<AuditEntry, 'hash'>): string {
  const { sequence, previous, at, examiner, action, subject, payload } = entry;
  return canonicalJson({
    sequence,
    previous,
    at,
    examiner,
    action,
    subject: { kind: subject.kind, id: subject.id },
    payload: payload as JsonObject,
  });
}

export const toAuditEntry = (row: AuditLogTable): AuditEntry => ({
  sequence: row.sequence,
  previous: row.previous,
  hash: row.hash,
  at: row.at,
  examiner: row.examiner,
  action: row.action,
  subject: { kind: row.subject_kind, id: row.subject_id },
  payload: JSON.parse(row.payload) as AuditEntry['payload'],
});

/** The operating system has no name for every user, e.g. in a container. */
function operatingSystemUser(): string {
  try {
    return userInfo().username || 'unknown';
  } catch {
    return process.getuid ? `user ${process.getuid()}` : 'unknown';
  }
}
