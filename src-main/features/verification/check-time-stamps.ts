/** Reads time stamps again, and compares what they are of with the log. */
import type { TimeStamp } from '#contract/time-stamp.ts';
import { AppError } from '#contract/errors.ts';
import { certificatesOf } from '#features/time-stamps/certificate-file.ts';
import { readToken } from '#features/time-stamps/read-token.ts';
import { TimeStampRepository, type TimeStampRow } from '#features/time-stamps/time-stamp.repository.ts';
import { toTimeStamp } from '#features/time-stamps/time-stamp.service.ts';
import { verifyToken } from '#features/time-stamps/verify-token.ts';
import { entryText, toAuditEntry } from '#storage/audit-log.ts';
import type { Workspace } from '#storage/workspace.ts';
import type { LogReading } from './check-log.ts';
import type { Findings } from './findings.ts';

const when = (at: number): string => new Date(at).toISOString();
/** Clocks of machines without a network go wrong by minutes. */
const clockMs = 10 * 60_000;

/** Answers with those that hold, oldest head first. */
export async function checkTimeStamps(
  workspace: Workspace,
  { hashes }: LogReading,
  findings: Findings,
): Promise<TimeStamp[]> {
  const good: TimeStamp[] = [];
  for (const row of await new TimeStampRepository(workspace.db).list()) {
    if (hashes.get(row.entry) !== row.entry_hash) {
      findings.error(
        'time-stamps',
        `At ${when(row.at)} ${row.authority} stamped an entry ${row.entry} that is not the one in the log: entries up to it were replaced.`,
        { entry: row.entry },
      );
      continue;
    }
    try {
      await readAgain(workspace, row, findings);
      good.push(toTimeStamp(row));
    } catch (error) {
      findings.error('time-stamps', `The time stamp of entry ${row.entry}: ${AppError.from(error).message}`);
    }
  }
  return good;
}

async function readAgain({ blobs, db }: Workspace, row: TimeStampRow, findings: Findings): Promise<void> {
  const token = readToken(await blobs.read(row.token));
  const trusted =
    row.trust === null ? [] : certificatesOf(Buffer.from(await blobs.read(row.trust)).toString('latin1'));
  const entry = await db
    .selectFrom('audit_log')
    .selectAll()
    .where('sequence', '=', row.entry)
    .executeTakeFirstOrThrow();
  await verifyToken(token, { text: entryText(toAuditEntry(entry)), trusted });
  if (row.at < entry.at - clockMs - (row.accuracy_ms ?? 0))
    findings.notice(
      'time-stamps',
      `Entry ${row.entry} was stamped at ${when(row.at)} but says that it was made at ${when(entry.at)}: the clock here was ahead.`,
      { entry: row.entry },
    );
}
