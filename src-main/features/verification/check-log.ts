/** Reads the whole chain of the audit log, and compares it with its head file. */
import type { AuditHead, JsonObject } from '#contract/audit.ts';
import { noHash, type AuditHeadFile } from '#storage/audit-head.ts';
import { entryHash, toAuditEntry } from '#storage/audit-log.ts';
import type { Sqlite } from '#storage/better-sqlite.ts';
import { canonicalJson } from '#storage/canonical-json.ts';
import type { Seal } from '#storage/row-seals.ts';
import type { AuditLogTable } from '#storage/schema.ts';
import type { Findings } from './findings.ts';

/** Of one thing, with the entry that sealed it last. */
export type LatestSeal = Seal & { entry: number };
export type LogReading = {
  entries: number;
  head: AuditHead;
  /** By `table/id`. */
  seals: Map<string, LatestSeal>;
  /** Hashes by sequence, as they stand in the rows. */
  hashes: Map<number, string>;
};

const readAtOnce = 500;
const guards = ['audit_log_in_order', 'audit_log_not_deleted', 'audit_log_not_updated'];
const when = (at: number): string => new Date(at).toISOString();

/** `step` is called between pieces of the work, with the entries read until then; it may throw to end the reading. */
export async function checkLog(
  sqlite: Sqlite,
  file: AuditHeadFile,
  findings: Findings,
  step: (entries: number) => Promise<void>,
): Promise<LogReading> {
  checkGuards(sqlite, findings);
  const next = sqlite.prepare<[number], AuditLogTable>(
    `SELECT * FROM audit_log WHERE sequence > ? ORDER BY sequence LIMIT ${readAtOnce}`,
  );
  const reading: LogReading = {
    entries: 0,
    head: { entries: 0, hash: noHash },
    seals: new Map(),
    hashes: new Map(),
  };
  let at = 0;
  for (let rows = next.all(0); rows.length > 0; rows = next.all(reading.head.entries)) {
    for (const row of rows) {
      checkEntry(row, reading.head, findings);
      if (row.at < at)
        findings.notice(
          'log',
          `Entry ${row.sequence} was made at ${when(row.at)}, the one before at ${when(at)}: the clock was set back.`,
          { entry: row.sequence },
        );
      at = row.at;
      reading.entries++;
      reading.head = { entries: row.sequence, hash: row.hash };
      reading.hashes.set(row.sequence, row.hash);
    }
    for (const row of rows) keepSeals(row, reading, findings);
    await step(reading.entries);
  }
  checkHead(file.read(), reading, findings);
  return reading;
}

function checkEntry(row: AuditLogTable, before: AuditHead, findings: Findings): void {
  const { sequence: entry } = row;
  const wanted = before.entries + 1;
  if (entry !== wanted) {
    const missing = entry - wanted === 1 ? `Entry ${wanted} is` : `Entries ${wanted} to ${entry - 1} are`;
    findings.error('log', `${missing} missing.`, { entry: wanted });
  } else if (row.previous !== before.hash)
    findings.error(
      'log',
      `Entry ${entry} does not follow the entry before it: one of the two is not the one that was written.`,
      { entry },
    );
  if (hashOf(row) !== row.hash)
    findings.error('log', `Entry ${entry} (${row.action}) is not the one that was written.`, { entry });
}

/** Null where the payload is not the canonical text that was hashed. */
function hashOf(row: AuditLogTable): string | null {
  const payload = payloadOf(row);
  if (payload === null || canonicalJson(payload) !== row.payload) return null;
  return entryHash(toAuditEntry(row));
}

function payloadOf(row: AuditLogTable): JsonObject | null {
  try {
    return JSON.parse(row.payload) as JsonObject;
  } catch {
    return null;
  }
}

function keepSeals(row: AuditLogTable, { seals }: LogReading, findings: Findings): void {
  const payload = payloadOf(row) ?? {};
  for (const seal of (payload['seals'] ?? []) as unknown as Seal[])
    seals.set(`${seal.table}/${seal.id}`, { ...seal, entry: row.sequence });
  if (row.action !== 'workspace.head-mismatched') return;
  const { expected, found } = payload as unknown as {
    expected: AuditHead | null | 'unreadable';
    found: AuditHead;
  };
  findings.error('head', `At ${when(row.at)} the workspace was opened and ${mismatch(expected, found)}`, {
    entry: wrongEntry(expected, found) ?? row.sequence,
  });
}

function checkHead(
  told: AuditHead | null | 'unreadable',
  { head, hashes }: LogReading,
  findings: Findings,
): void {
  if (told !== null && told !== 'unreadable') {
    const hash = told.entries === 0 ? noHash : hashes.get(told.entries);
    if (hash === told.hash) {
      if (told.entries < head.entries)
        findings.notice('head', `The head file is behind the log by ${head.entries - told.entries} entries.`);
      return;
    }
  }
  const entry = wrongEntry(told, head);
  findings.error('head', `Now ${mismatch(told, head)}`, entry === null ? {} : { entry });
}

function mismatch(told: AuditHead | null | 'unreadable', found: AuditHead): string {
  if (told === null) return `the head file of the log was gone; the log had ${found.entries} entries.`;
  if (told === 'unreadable')
    return `the head file of the log could not be read; the log had ${found.entries} entries.`;
  if (told.entries > found.entries)
    return `the head file told of ${told.entries} entries, the log had ${found.entries}: the last ${told.entries - found.entries} are missing.`;
  return `entry ${told.entries} did not have the hash that the head file told of: entries up to it were replaced.`;
}

function wrongEntry(told: AuditHead | null | 'unreadable', found: AuditHead): number | null {
  if (told === null || told === 'unreadable') return null;
  return told.entries > found.entries ? found.entries + 1 : Math.max(1, told.entries);
}

/** Whoever changes the log inside the database has to take its guards away first. */
function checkGuards(sqlite: Sqlite, findings: Findings): void {
  const present = sqlite
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit_log'`)
    .pluck()
    .all();
  const missing = guards.filter((name) => !present.includes(name));
  if (missing.length > 0)
    findings.error('log', `The database lacks guards of the audit log: ${missing.join(', ')}.`);
}
