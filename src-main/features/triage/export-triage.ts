/** Results and failures of a run as one file, CSV (RFC 4180) or JSON, written a page at a time. */
import type { Stability } from '#contract/stability.ts';
import type { TriageFormat, TriageRun } from '#contract/triage.ts';
import type { Database } from '#storage/workspace.ts';
import { writeNamedFile } from '#compute/write-file.ts';
import { failuresAfter } from './triage-item.repository.ts';
import { toRefusal, toTriageResult } from './triage-mapping.ts';
import { resultsAfter } from './triage-result.repository.ts';

export interface TriageExport {
  path: string;
  results: number;
  failures: number;
}

const PAGE = 500;
const columns = [
  ...['path', 'pile', 'verdict', 'score', 'llr', 'stability', 'reason', 'category', 'camera'],
  ...['taken', 'width', 'height', 'format', 'tiles', 'sha256', 'provider', 'error', 'message'],
] as const;
type Line = Partial<Record<(typeof columns)[number], string | number | null>>;

const cell = (value: string | number | null | undefined): string => {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** In one word, for tables; whether there was a verdict that could be unstable, the reason says. */
export const stabilityWord = (stability: Stability | null): string =>
  stability === null
    ? 'not looked at'
    : stability.stable === null
      ? 'no verdict'
      : stability.stable
        ? 'stable'
        : 'unstable';

async function* linesOf(db: Database, { id, rules }: TriageRun): AsyncGenerator<Line> {
  for (let after = 0; ;) {
    const rows = await resultsAfter(db, id, rules, { after, limit: PAGE });
    for (const row of rows) {
      const {
        path: file,
        pile,
        verdict,
        score,
        llr,
        reason,
        category,
        camera,
        taken,
        ...rest
      } = toTriageResult(row);
      const { width, height, format, tiles, sha256, provider, stability } = rest;
      yield {
        ...{ path: file, pile, verdict, score, llr, stability: stabilityWord(stability) },
        ...{ reason, category, camera, taken },
        ...{ width, height, format, tiles, sha256, provider },
      };
    }
    if (rows.length < PAGE) break;
    after = rows.at(-1)!.sequence;
  }
  for (let after = 0; ;) {
    const rows = await failuresAfter(db, id, { after, limit: PAGE });
    for (const { path: file, error } of rows.map(toRefusal))
      yield { path: file, error: error.code, message: error.message };
    if (rows.length < PAGE) break;
    after = rows.at(-1)!.sequence;
  }
}

/** @throws AppError those of `writeNamedFile` */
export async function exportTriage(
  db: Database,
  run: TriageRun,
  target: string,
  format: TriageFormat,
): Promise<TriageExport> {
  const written = { path: target, results: 0, failures: 0 };
  await writeNamedFile(target, async (file) => {
    await file.write(format === 'csv' ? `${columns.join(',')}\r\n` : '[');
    for await (const line of linesOf(db, run)) {
      const first = written.results + written.failures === 0;
      written[line.error === undefined ? 'results' : 'failures']++;
      await file.write(
        format === 'csv'
          ? `${columns.map((column) => cell(line[column])).join(',')}\r\n`
          : `${first ? '' : ','}\n${JSON.stringify(line)}`,
      );
    }
    if (format === 'json') await file.write('\n]\n');
  });
  return written;
}
