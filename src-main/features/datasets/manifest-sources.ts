/**
 * Pictures that a CSV file lists:
 *
 *     path,label[,mask][,category][,group][,split][,licence]
 *     photographs/a.jpg,real,,,camera-3,train,CC BY 4.0
 *     forged/b.png,simulated,masks/b.png,splice,scene-12
 *
 * Paths are relative to the CSV file and stay below its folder. Columns may stand in any order, and others are left alone but
 * for those that an export writes beside them: `source` (where the picture first came from), `sha256` and `mask_sha256`
 * (what the files must hash to).
 */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { sha256 } from '#contract/common.ts';
import { datasetLabel, split, type Split } from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import { shownPath } from '#compute/decoding/decode-photograph.ts';
import type { ImportSources } from './picture-source.ts';
import { readCsv } from './read-csv.ts';

const hint =
  'The file needs the columns path,label and may have mask,category,group,split,licence; labels are ' +
  `${datasetLabel.options.join(', ')}; splits are ${split.options.join(', ')}.`;
const noneWhereEmpty = <T extends z.ZodType>(schema: T) =>
  z.preprocess((text) => (text === '' || text === undefined ? null : text), schema.nullable());
const row = z.object({
  path: z.string().min(1, 'the path is empty'),
  label: z.enum(datasetLabel.options, {
    message: `the label must be one of ${datasetLabel.options.join(', ')}`,
  }),
  mask: noneWhereEmpty(z.string()),
  category: noneWhereEmpty(z.string().max(80, 'the category has more than 80 characters')),
  group: noneWhereEmpty(z.string().max(200, 'the group has more than 200 characters')),
  split: noneWhereEmpty(
    z.enum(split.options, { message: `the split must be one of ${split.options.join(', ')}` }),
  ),
  licence: noneWhereEmpty(z.string().max(200, 'the licence has more than 200 characters')),
  source: noneWhereEmpty(z.string()),
  sha256: noneWhereEmpty(sha256),
  mask_sha256: noneWhereEmpty(sha256),
});

/** Reads the list; lines that cannot be taken are refused one by one. Errors: those of `readCsv`. */
export async function manifestSources(manifest: string): Promise<ImportSources> {
  const lines = await readCsv(manifest, { needed: ['path', 'label'], hint });
  const folder = path.dirname(path.resolve(manifest));
  const inside = await fence(folder);
  const splitOfGroup = new Map<string, Split>();
  const found: ImportSources = { sources: [], refused: [] };
  for (const { values, line } of lines)
    try {
      const parsed = row.safeParse(values);
      if (!parsed.success)
        throw new AppError('invalid_input', `Line ${line}: ${parsed.error.issues[0]!.message}.`, { hint });
      const { path: written, label, category, group, licence } = parsed.data;
      const wanted = parsed.data.split;
      const file = await inside(written);
      const known = group === null ? undefined : splitOfGroup.get(group);
      if (wanted !== null && known !== undefined && known !== wanted)
        throw new AppError(
          'split_conflict',
          `Line ${line}: the group "${group}" stands in ${known} above, and here in ${wanted}.`,
        );
      if (group !== null && wanted !== null) splitOfGroup.set(group, wanted);
      found.sources.push({
        file,
        shown: parsed.data.source ?? file,
        mask: parsed.data.mask === null ? null : await inside(parsed.data.mask),
        label,
        category,
        group,
        split: wanted,
        licence,
        sha256: parsed.data.sha256,
        maskSha256: parsed.data.mask_sha256,
        rendered: false,
      });
    } catch (error) {
      found.refused.push({ path: values['path'] ?? '', error: AppError.from(error).toData() });
    }
  return found;
}

/** Turns a written path into an absolute one, and refuses what leads out of `folder`, through links too. */
async function fence(folder: string): Promise<(written: string) => Promise<string>> {
  const isBelow = (file: string, top: string): boolean => {
    const way = path.relative(top, file);
    return way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
  };
  const real = await realpath(folder);
  return async (written) => {
    const file = path.resolve(folder, written);
    const target = await realpath(file).catch(() => null);
    if (!isBelow(file, folder) || (target !== null && !isBelow(target, real)))
      throw new AppError('invalid_input', `${shownPath(written)} leads out of the folder of the list.`, {
        hint: 'Put the list into a folder that holds all its pictures and masks.',
      });
    return file;
  };
}
