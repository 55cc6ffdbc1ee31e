/** Near-duplicates: the packed search against a plain one, and pictures that were saved again. */
import path from 'node:path';
import { expect, test } from 'vitest';
import { hammingDistance } from '#compute/decoding/examine-photograph.ts';
import { EvidenceRepository } from '#features/evidence/evidence.repository.ts';
import { SimilarPictures } from '#features/evidence/similar-pictures.ts';
import { samplePicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { setUpEvidence, writePictures } from './evidence-set-up.ts';
import { fillCase } from '#features/store-benchmark/fill-case.ts';

test('the search finds exactly what comparing every pair finds, also after more was taken in', async () => {
  const { workspace, cases } = await setUpEvidence();
  const doe = await cases.create({ name: 'Doe' });
  const roe = await cases.create({ name: 'Roe' });
  const repository = new EvidenceRepository(workspace.db);
  const similar = new SimilarPictures(repository);
  const plain = async (hash: string, distance: number, caseId: string | null) =>
    (await repository.hashesAfter(0))
      .filter((row) => caseId === null || row.case_id === caseId)
      .map((row) => ({ sequence: row.sequence, distance: hammingDistance(row.perceptual_hash, hash) }))
      .filter((match) => match.distance <= distance)
      .sort((a, b) => a.distance - b.distance || a.sequence - b.sequence);
  for (const [caseId, prefix] of [
    [doe.id, 'first'],
    [roe.id, 'second'],
    [doe.id, 'third'],
  ] as const) {
    await fillCase(workspace, caseId, 1500, { prefix });
    for (const distance of [0, 20, 24, 64])
      for (const within of [null, doe.id, roe.id, 'no case']) {
        const hash = (await repository.hashesAfter(0))[700]!.perceptual_hash;
        expect(await similar.find(hash, distance, within)).toEqual(await plain(hash, distance, within));
      }
  }
});

test('a picture that was saved again smaller is found near its original, in one case or in all', async () => {
  const { cases, takeIn, items, evidence } = await setUpEvidence();
  const doe = await cases.create({ name: 'Doe' });
  await cases.create({ name: 'Roe' });
  const folder = temporaryFolder();
  await writePictures(folder, 4);
  const again = await samplePicture(96, 80, 0).resize(48, 40).jpeg({ quality: 60 }).toBuffer();
  const elsewhere = temporaryFolder();
  write(elsewhere, 'elsewhere.jpg', again);
  await takeIn([folder, write(temporaryFolder(), 'again.jpg', again)]);
  await takeIn([elsewhere], 'copy', 'Roe');
  const original = (await items(doe.id)).find((item) => item.name === '0.png')!;
  const names = async (everywhere: boolean) =>
    (await evidence.similar(original.id, { distance: 6, everywhere, limit: 10 })).map(
      ({ item }) => item.name,
    );
  expect(await names(false)).toEqual(['again.jpg']);
  expect(await names(true)).toEqual(['again.jpg', 'elsewhere.jpg']);
  expect(path.basename(original.sourcePath)).toBe('0.png');
});
