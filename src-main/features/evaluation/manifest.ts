/**
 * The list of labelled pictures that a model is evaluated on: a CSV file with a line of column names.
 *
 *     path,label[,mask][,category][,group][,source]
 *     photographs/a.jpg,real
 *     forged/b.png,simulated,masks/b.png,splice,scene-12
 *
 * Paths are relative to the CSV file. Columns may stand in any order; others are left alone.
 */
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from '#contract/errors.ts';
import { readCsv } from '#features/datasets/read-csv.ts';

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
  /** Where it came from; the picture's folder, as the file names it, where none was given. */
  source: string;
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
  source: optional,
});

/**
 * Reads a manifest.
 * @throws AppError `file_not_found`, `file_unreadable`, `invalid_input` with the line's number
 */
export async function readManifest(file: string): Promise<ManifestRow[]> {
  const hint =
    'The file needs the columns path,label and may have mask,category,group,source; labels are real and simulated.';
  const lines = await readCsv(file, { needed: ['path', 'label'], hint });
  const folder = dirname(resolve(file));
  return lines.map(({ values, line }) => {
    const parsed = row.safeParse(values);
    if (!parsed.success)
      throw new AppError('invalid_input', `${file}: line ${line}: ${parsed.error.issues[0]!.message}.`, {
        hint,
      });
    const { path, label, mask, category, group, source } = parsed.data;
    return {
      path: resolve(folder, path),
      shownPath: path,
      simulated: label === 'simulated',
      mask: mask === null ? null : resolve(folder, mask),
      category,
      group,
      source: source ?? dirname(path),
    };
  });
}
