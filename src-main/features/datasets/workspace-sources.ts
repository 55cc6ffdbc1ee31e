/** The pictures of a dataset in another workspace, with all that is said of them there. */
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import type { ReadWorkspace } from '#storage/read-workspace.ts';
import type { ImportSources } from './picture-source.ts';

/** In the order of the dataset there. Errors: `not_found` where there is no dataset of that name. */
export async function workspaceSources(
  { db, blobPath }: ReadWorkspace,
  from: string,
): Promise<ImportSources> {
  const dataset = await db.selectFrom('datasets').select('id').where('name', '=', from).executeTakeFirst();
  if (!dataset) {
    const names = await db.selectFrom('datasets').select('name').orderBy('name').execute();
    const there = names.map(({ name }) => `"${name}"`).join(', ');
    throw new AppError('not_found', `That workspace has no dataset "${from}".`, {
      hint: there === '' ? 'It has none at all.' : `It has ${there}.`,
    });
  }
  const rows = await db
    .selectFrom('dataset_items as item')
    .innerJoin('pictures as picture', 'picture.sha256', 'item.sha256')
    .selectAll('item')
    .select('picture.rendered')
    .where('item.dataset_id', '=', dataset.id)
    .orderBy('item.sequence')
    .execute();
  const sources = rows.map((row) => ({
    file: path.resolve(blobPath(row.sha256)),
    shown: row.source_path,
    mask: row.mask === null ? null : path.resolve(blobPath(row.mask)),
    label: row.label,
    category: row.category,
    group: row.group_key,
    split: row.split,
    licence: row.licence,
    sha256: row.sha256,
    maskSha256: row.mask,
    rendered: row.rendered === 1,
  }));
  return { sources, refused: [] };
}
