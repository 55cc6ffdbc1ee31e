/** Reading the audit log: a page at a time, newest first, narrowed by what entries are about and by their words. */
import { expect, test } from 'vitest';
import { auditLogApi } from '#contract/audit.ts';
import { auditLogProcedures } from '#features/audit-log/audit-log.procedures.ts';
import { CaseService } from '#features/cases/case.service.ts';
import { SettingsService } from '#features/settings/settings.service.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { recordedEntries } from '#tests/support/recorded-entries.ts';
import { temporaryWorkspace } from '#tests/support/temporary-workspace.ts';

async function setUp() {
  const workspace = await temporaryWorkspace();
  const cases = new CaseService(workspace);
  await new SettingsService(workspace).change({ examiner: 'Grace Hopper' });
  for (const name of ['Harbour', 'Market', '100 % true_false']) await cases.create({ name });
  const log = auditLogProcedures(workspace);
  const ask = async (question: object) =>
    auditLogApi.entries.output.parse(await log.entries(auditLogApi.entries.input.parse(question)));
  return { workspace, log, ask, all: recordedEntries(workspace).toReversed() };
}

test('entries are told newest first, a page at a time, with their number and the head', async () => {
  const { workspace, ask, all } = await setUp();
  const [first, second] = [await ask({ limit: 2 }), await ask({ offset: 2, limit: 2 })];
  expect([...first.entries, ...second.entries].map(({ sequence }) => sequence)).toEqual(
    all.slice(0, 4).map(({ sequence }) => sequence),
  );
  expect(first.total).toBe(all.length);
  expect(first.head).toEqual(workspace.audit.head());
  expect(first.entries[0]).not.toHaveProperty('payload');
});

test('entries are narrowed by what they are about, and by words of any of their parts, taken as they are', async () => {
  const { ask, all } = await setUp();
  const found = async (question: object) => (await ask(question)).entries.map(({ sequence }) => sequence);
  const [last, market] = all;
  expect(await found({ kind: 'case' })).toEqual(all.slice(0, 3).map(({ sequence }) => sequence));
  expect(await found({ text: 'market' })).toEqual([market!.sequence]);
  expect(await found({ text: market!.subject.id })).toEqual([market!.sequence]);
  expect(await found({ text: '100 % TRUE_' })).toEqual([last!.sequence]);
  expect(await found({ text: 'e%t' })).toEqual([]);
  expect(await found({ text: 'hopper', kind: 'case' })).toHaveLength(3);
  expect(await found({ kind: 'dataset' })).toEqual([]);
});

test('an entry is told whole, with the content that was hashed, and one that is not there is not', async () => {
  const { log, all } = await setUp();
  expect(await log.get({ sequence: all[0]!.sequence })).toEqual(all[0]);
  expect((await failureOf(Promise.resolve(log.get({ sequence: 4000 })))).code).toBe('not_found');
});
