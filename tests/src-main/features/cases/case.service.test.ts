/** Cases: made, found, changed, and each change in the audit log. */
import { expect, test } from 'vitest';
import { CaseService } from '#features/cases/case.service.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { temporaryWorkspace } from '#tests/support/temporary-workspace.ts';

async function setUp() {
  const workspace = await temporaryWorkspace();
  const entries = () =>
    workspace.sqlite
      .prepare<[], { action: string; payload: string }>(
        `SELECT action, payload FROM audit_log WHERE subject_kind = 'case' ORDER BY sequence`,
      )
      .all()
      .map(({ action, payload }) => ({ action, payload: JSON.parse(payload) as unknown }));
  return { workspace, cases: new CaseService(workspace), entries };
}
const page = { offset: 0, limit: 10 };

test('a case is made open, found by id and by name, and its making is in the log', async () => {
  const { cases, entries } = await setUp();
  const made = await cases.create({
    name: 'Doe',
    number: '7/26',
    examiner: 'A. B.',
    tags: ['fraud', 'fraud'],
  });
  expect(made).toMatchObject({ name: 'Doe', number: '7/26', notes: '', tags: ['fraud'], status: 'open' });
  expect(await cases.find(made.id)).toEqual(made);
  expect(await cases.find('Doe')).toEqual(made);
  expect(await cases.overview('Doe')).toMatchObject({
    items: 0,
    states: { intact: 0, changed: 0, missing: 0, unreadable: 0 },
    verdicts: { real: 0, simulated: 0, inconclusive: 0, none: 0 },
  });
  expect(entries()).toMatchObject([{ action: 'case.created', payload: { name: 'Doe', number: '7/26' } }]);
});

test('a name stands once, and a case that is not there is named', async () => {
  const { cases, entries } = await setUp();
  await cases.create({ name: 'Doe' });
  const other = await cases.create({ name: 'Roe' });
  expect(await failureOf(cases.create({ name: 'Doe' }))).toMatchObject({ code: 'case_exists' });
  expect(await failureOf(cases.edit(other.id, { name: 'Doe' }))).toMatchObject({ code: 'case_exists' });
  expect(await failureOf(cases.find('Poe'))).toMatchObject({
    code: 'not_found',
    message: 'There is no case "Poe".',
  });
  expect(entries()).toHaveLength(2);
});

test('an edit changes what is given, leaves the rest, and the log holds both', async () => {
  const { cases, entries } = await setUp();
  const { id } = await cases.create({ name: 'Doe', notes: 'first' });
  const edited = await cases.edit(id, { status: 'closed', tags: ['a'] });
  expect(edited).toMatchObject({ name: 'Doe', notes: 'first', status: 'closed', tags: ['a'] });
  expect(await cases.find(id)).toEqual(edited);
  expect(entries()[1]).toMatchObject({
    action: 'case.edited',
    payload: { before: { status: 'open', tags: [] }, after: { status: 'closed', tags: ['a'] } },
  });
  expect(await failureOf(cases.findOpen('Doe'))).toMatchObject({
    code: 'case_not_open',
    message: 'The case "Doe" is closed.',
  });
});

test('lists are filtered by status, tag and text, the latest changed first', async () => {
  const { cases } = await setUp();
  const doe = await cases.create({ name: 'Doe', number: 'K-17', tags: ['fraud'] });
  const roe = await cases.create({ name: 'Roe', notes: 'insurance', tags: ['fraud'] });
  const poe = await cases.create({ name: 'Poe', examiner: 'Insurance board' });
  await cases.edit(doe.id, { status: 'archived' });
  const names = async (filter: Parameters<CaseService['list']>[0]) =>
    (await cases.list(filter, page)).cases.map((one) => one.name);
  expect(new Set(await names({}))).toEqual(new Set(['Doe', 'Roe', 'Poe']));
  expect((await names({}))[0]).toBe('Doe');
  expect(await names({ status: 'archived' })).toEqual(['Doe']);
  expect((await names({ tag: 'fraud' })).toSorted()).toEqual(['Doe', 'Roe']);
  expect(await names({ tag: 'frau' })).toEqual([]);
  expect((await names({ text: 'INSURANCE' })).toSorted()).toEqual(['Poe', 'Roe']);
  expect(await names({ text: 'k-17' })).toEqual(['Doe']);
  expect((await cases.list({}, { offset: 1, limit: 1 })).total).toBe(3);
  expect([roe.status, poe.status]).toEqual(['open', 'open']);
});

test('the cases that were opened last are remembered, the last first, and looking is no action of the log', async () => {
  const { workspace, cases, entries } = await setUp();
  const names = Array.from({ length: 12 }, (_, at) => `Case ${at}`);
  const made = await Promise.all(names.map((name) => cases.create({ name })));
  const before = entries().length;
  for (const { id } of [...made, made[4]!]) await cases.opened(id);
  const recent = (await new CaseService(workspace).recent()).map(({ name }) => name);
  expect(recent).toEqual(['Case 4', ...[11, 10, 9, 8, 7, 6, 5, 3, 2].map((at) => `Case ${at}`)]);
  expect(entries()).toHaveLength(before);
  expect(await failureOf(cases.opened('nothing'))).toMatchObject({ code: 'not_found' });
});
