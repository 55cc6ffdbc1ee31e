/** Notes on regions: they lie within their picture, each change is recorded, and each can be taken back. */
import { expect, test } from 'vitest';
import { RegionService } from '#features/regions/region.service.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { setUpEvidence, writePictures } from '../evidence/evidence-set-up.ts';

const area = { x: 10, y: 20, width: 30, height: 40 };

async function setUp() {
  const services = await setUpEvidence();
  const { workspace, cases, takeIn, items } = services;
  const regions = new RegionService({ workspace, cases });
  const { id: caseId } = await cases.create({ name: 'Doe' });
  await takeIn(await writePictures(temporaryFolder(), 1));
  const [item] = await items(caseId);
  return { ...services, regions, caseId, evidence: item!.id };
}

test('a note is made, changed, removed and restored, each with an entry of what was before', async () => {
  const { regions, evidence, actions, workspace } = await setUp();
  const { id } = await regions.add({ evidence, area, text: 'A seam.' });
  await regions.edit(id, { text: 'A hard seam.' });
  await regions.remove(id);
  expect(await regions.list(evidence)).toEqual([]);
  await regions.restore(id);
  expect(await regions.list(evidence)).toMatchObject([{ id, area, text: 'A hard seam.' }]);
  expect((await actions()).slice(-4)).toEqual([
    'region.noted',
    'region.changed',
    'region.removed',
    'region.restored',
  ]);
  const { payload } = await workspace.db
    .selectFrom('audit_log')
    .select('payload')
    .where('action', '=', 'region.changed')
    .executeTakeFirstOrThrow();
  expect(JSON.parse(payload)).toEqual({
    region: id,
    before: { area, text: 'A seam.' },
    after: { area, text: 'A hard seam.' },
  });
});

test('a region that leaves its picture is refused, when it is made and when it is moved', async () => {
  const { regions, evidence } = await setUp();
  const outside = { ...area, x: 90 };
  expect(await failureOf(regions.add({ evidence, area: outside, text: '' }))).toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('96 by 80 pixels'),
  });
  const { id } = await regions.add({ evidence, area, text: '' });
  expect(await failureOf(regions.edit(id, { area: outside }))).toMatchObject({ code: 'invalid_input' });
  expect(await regions.list(evidence)).toMatchObject([{ area }]);
});

test('in a closed case notes are read and nothing is changed', async () => {
  const { regions, evidence, cases, caseId } = await setUp();
  const { id } = await regions.add({ evidence, area, text: 'A seam.' });
  await cases.edit(caseId, { status: 'closed' });
  for (const change of [
    () => regions.add({ evidence, area, text: '' }),
    () => regions.edit(id, { text: 'Other.' }),
    () => regions.remove(id),
    () => regions.restore(id),
  ])
    expect(await failureOf(change())).toMatchObject({ code: 'case_not_open' });
  expect(await regions.list(evidence)).toMatchObject([{ text: 'A seam.' }]);
});
