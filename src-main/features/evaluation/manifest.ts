/**
 * The list of labelled pictures that a model is evaluated on: a CSV file with a line of column names.
 *
 *     path,label[,mask][,category][,group]
 *     photographs/a.jpg,real
 *     forged/b.png,simulated,masks/b.png,splice,scene-12
 *
 * Paths are relative to the CSV file. Columns may stand in any order; others are left alone.
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { AppError } from '#contract/errors.ts';

export interface ManifestRow {
  /** Absolute. */
  path: string;
  /** As written in the file. */
  shownPath: string;
  simulated: boolean;
  /** Absolute; null where none was given. */
  mask: string | null;
  category: string | null;
  /** Pictures that depend on each other, e.g. of one scene; null where none was given. */
  group: string | null;
}

const optional = z
  .string()
  .optional()
  .transform((text) => text || null);
const row = z.object({
  path: z.string().min(1, 'the path is empty'),
  label: z.enum(['real', 'simulated'], { message: 'the label must be real or simulated' }),
  mask: optional,
  category: optional,
  group: optional,
});

/**
 * Reads a manifest.
 * @throws AppError `file_not_found`, `file_unreadable`, `invalid_input` with the line's number
 */
export async function readManifest(file: string): Promise<ManifestRow[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw AppError.from(cause);
  });
  const invalid = (what: string, cause?: unknown): AppError =>
    new AppError('invalid_input', `${file}: ${what}.`, {
      cause,
      hint: 'The file needs the columns path,label and may have mask,category,group; labels are real and simulated.',
    });
  let records: { record: Record<string, string>; info: { lines: number } }[];
  try {
    records = parse(text, {
      bom: true,
      columns: (names: string[]) => names.map((name) => name.trim().toLowerCase()),
      info: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as typeof records;
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (records.length === 0) throw invalid('it lists no picture');
  const folder = dirname(resolve(file));
  return records.map(({ record, info }) => {
    for (const name of ['path', 'label']) if (!(name in record)) throw invalid(`it has no column "${name}"`);
    const parsed = row.safeParse(record);
    if (!parsed.success) throw invalid(`line ${info.lines}: ${parsed.error.issues[0]!.message}`);
    const { path, label, mask, category, group } = parsed.data;
    return {
      path: resolve(folder, path),
      shownPath: path,
      simulated: label === 'simulated',
      mask: mask === null ? null : resolve(folder, mask),
      category,
      group,
    };
  });
}
