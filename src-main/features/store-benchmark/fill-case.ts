/** Fills a case with rows alone, quickly, for benchmarks and tests: items that differ in all that lists are sorted by and filtered for. */
import { createHash } from 'node:crypto';
import { nameKey, searchText } from '#features/evidence/evidence-mapping.ts';
import { EvidenceRepository, type NewEvidence } from '#features/evidence/evidence.repository.ts';
import { evidenceState } from '#contract/evidence.ts';
import type { Workspace } from '#storage/workspace.ts';

const of = <T>(options: readonly T[], index: number): T => options[index % options.length] as T;
const formats = ['jpeg', 'png', 'webp', 'tiff'];
const verdicts = ['real', 'simulated', 'inconclusive', null] as const;
const tags = ['[]', '["face"]', '["night"]', '["face","night"]'];

export async function fillCase(
  workspace: Workspace,
  caseId: string,
  count: number,
  { prefix = 'item', thumbnails }: { prefix?: string; thumbnails?: readonly string[] } = {},
): Promise<void> {
  const blob = async () =>
    (await workspace.blobs.put(Buffer.from('a thumbnail'), 'image/webp', 'derived')).hash;
  const shown = thumbnails ?? [await blob()];
  const rows = Array.from({ length: count }, (_, index) =>
    item({ caseId, thumbnail: of(shown, index), prefix }, index),
  );
  await workspace.db
    .transaction()
    .execute((transaction) => new EvidenceRepository(workspace.db).insert(transaction, rows, []));
}

function item(
  { caseId, thumbnail, prefix }: { caseId: string; thumbnail: string; prefix: string },
  index: number,
): NewEvidence {
  // A walk over the numbers that meets each once, so that no order is that of intake.
  const mixed = (index * 7919) % 100_003;
  const digest = createHash('sha256').update(`${prefix} ${index}`).digest('hex');
  const verdict = of(verdicts, mixed);
  const name = `IMG_${mixed}.${of(formats, mixed >> 2)}`;
  const words = { name, source_path: `/cards/roll-${index % 5}/${name}`, notes: '' };
  const state = of(evidenceState.options, mixed % 7 < 4 ? 0 : mixed);
  return {
    ...words,
    id: `${prefix}-${index}`,
    case_id: caseId,
    sha256: digest,
    storage: 'reference',
    blob: null,
    name_key: nameKey(name),
    search_text: searchText(words),
    format: of(formats, mixed >> 2),
    media_type: 'image/png',
    bytes: 1000 + (mixed % 50),
    width: 64 + (mixed % 9),
    height: 64,
    pixels: (64 + (mixed % 9)) * 64,
    reading_notes: '[]',
    embedded_dates: '[]',
    modified_at: null,
    thumbnail,
    perceptual_hash: digest.slice(0, 16),
    rendered: 0,
    tags: of(tags, mixed >> 1),
    notes: '',
    state,
    state_reason: state === 'intact' ? null : 'It is so.',
    checked_at: 1,
    verdict,
    score: verdict === null ? null : (mixed % 40) / 10 - 2,
    taken_at: index,
  };
}
