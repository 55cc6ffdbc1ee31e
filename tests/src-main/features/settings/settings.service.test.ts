import { expect, test } from 'vitest';
import { settingsApi } from '#contract/setting.ts';
import { SettingsService } from '#features/settings/settings.service.ts';
import { recordedEntries } from '#tests/support/recorded-entries.ts';
import { temporaryWorkspace } from '#tests/support/temporary-workspace.ts';

test('settings hold their defaults until they are changed, and a change is recorded with what was before', async () => {
  const workspace = await temporaryWorkspace();
  const settings = new SettingsService(workspace);
  const before = {
    examiner: null,
    backupHours: 24,
    backupsKept: 7,
    unreferencedDays: 7,
    pictureCacheMegabytes: 448,
    trainingCacheMegabytes: 2048,
    stability: 'verdicts',
  };
  expect(settings.get()).toEqual(before);
  const after = await settings.change({ examiner: 'Ada', backupsKept: 7, unreferencedDays: 30 });
  expect(after).toEqual({ ...before, examiner: 'Ada', unreferencedDays: 30 });
  expect(settings.get()).toEqual(after);
  const changes = recordedEntries(workspace).filter(({ action }) => action === 'setting.changed');
  expect(changes.map(({ payload }) => payload)).toEqual([
    { key: 'examiner', from: null, to: 'Ada' },
    { key: 'unreferencedDays', from: 7, to: 30 },
  ]);
});

test('a value that a setting cannot hold is refused, and one in the database that this version does not take is its default', async () => {
  for (const bad of [{ examiner: ' ' }, { backupsKept: 0 }, { backupHours: 1.5 }, { unreferencedDays: 0 }])
    expect(settingsApi.change.input.safeParse(bad).success, JSON.stringify(bad)).toBe(false);
  const workspace = await temporaryWorkspace();
  workspace.sqlite.exec(`INSERT INTO settings VALUES ('backupsKept', '"many"')`);
  expect(new SettingsService(workspace).get().backupsKept).toBe(7);
});
