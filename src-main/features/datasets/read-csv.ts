/** Reads CSV files that people bring: with a line of column names, in UTF-8, and of a size that fits the memory. */
import { readFile, stat } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { AppError } from '#contract/errors.ts';
import { shownPath } from '#compute/decoding/decode-photograph.ts';

export type CsvLine = { values: Record<string, string>; line: number };

/** Some hundred thousand pictures; a larger file is not the list that it is taken for. */
const maximumBytes = 64 << 20;
const maximumLineBytes = 64 << 10;

/**
 * The lines of a file below its column names, which are trimmed and lower-case. Empty lines are passed over.
 * @param needed columns that must be there; others may be
 * @param hint what to do where the file is not of this kind
 * @throws AppError `file_not_found`, `file_unreadable`, `invalid_input` with the line's number
 */
export async function readCsv(
  file: string,
  { needed, hint }: { needed: readonly string[]; hint: string },
): Promise<CsvLine[]> {
  const invalid = (what: string, cause?: unknown): AppError =>
    new AppError('invalid_input', `${shownPath(file)}: ${what}.`, { cause, hint });
  const bytes = await readBounded(file, invalid);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalid('it is not text in UTF-8; save it in that encoding', cause);
  }
  if (text.includes('\0')) throw invalid('it is not text');
  let records: { record: Record<string, string>; info: { lines: number } }[];
  try {
    records = parse(text, {
      columns: (names: string[]) => columnNames(names, needed),
      info: true,
      max_record_size: maximumLineBytes,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as typeof records;
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause), cause);
  }
  if (records.length === 0) throw invalid('it lists no picture');
  return records.map(({ record, info }) => ({ values: record, line: info.lines }));
}

async function readBounded(file: string, invalid: (what: string) => AppError): Promise<Buffer> {
  const failed = (cause: unknown): never => {
    throw AppError.from(cause);
  };
  const stats = await stat(file).catch(failed);
  if (!stats.isFile()) throw invalid('it is not a file');
  if (stats.size > maximumBytes)
    throw invalid(`it has ${stats.size} bytes, and a list may have ${maximumBytes}`);
  return readFile(file).catch(failed);
}

function columnNames(written: readonly string[], needed: readonly string[]): string[] {
  const names = written.map((name) => name.trim().toLowerCase());
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new Error(`it has two columns "${twice}"`);
  const missing = needed.find((name) => !names.includes(name));
  if (missing !== undefined) throw new Error(`it has no column "${missing}"`);
  return names;
}
