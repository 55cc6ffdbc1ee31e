/** The settings of a workspace as a form. */
import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick, type Component } from 'svelte';
import { expect, test } from 'vitest';
import { AppError } from '#contract/errors.ts';
import WorkspaceSettings from '#renderer/components/settings/WorkspaceSettings.svelte';
import { settle, standInWorkbench } from '../stand-in-client.ts';
import WorkbenchProbe from './WorkbenchProbe.svelte';

const stored = {
  examiner: null,
  backupHours: 24,
  backupsKept: 7,
  unreferencedDays: 7,
  pictureCacheMegabytes: 448,
  trainingCacheMegabytes: 2048,
  stability: 'verdicts' as const,
};
async function show(change: (to: object) => Promise<typeof stored>) {
  const workbench = standInWorkbench({ settings: { get: async () => stored, change } });
  const component = WorkspaceSettings as unknown as Component<Record<string, unknown>>;
  render(WorkbenchProbe, { props: { component, workbench, props: {} } });
  await settle();
  await tick();
  return workbench;
}
async function save(): Promise<void> {
  await fireEvent.submit(screen.getByText('Save').closest('form')!);
  await settle();
  await tick();
}

test('what is stored is shown, and what was written is saved, an empty name as none', async () => {
  const changes: object[] = [];
  await show(async (to) => {
    changes.push(to);
    return stored;
  });
  const hours = screen.getByLabelText(/Hours between two backups/) as HTMLInputElement;
  expect(hours.value).toBe('24');
  await fireEvent.input(hours, { target: { value: '6' } });
  await fireEvent.input(screen.getByLabelText(/Examiner/), { target: { value: ' Ada ' } });
  await save();
  await fireEvent.input(screen.getByLabelText(/Examiner/), { target: { value: ' ' } });
  await save();
  expect(changes).toEqual([
    { ...stored, examiner: 'Ada', backupHours: 6 },
    expect.objectContaining({ examiner: null }),
  ]);
  expect(screen.getByRole('status').textContent).toBe('Saved.');
});

test('a change that is refused is told of, and nothing is called saved', async () => {
  const workbench = await show(async () => {
    throw new AppError('workspace_not_writable', 'The workspace is open for reading only.');
  });
  await save();
  expect(workbench.messages.toasts.map(({ title }) => title)).toEqual([
    'The workspace is open for reading only.',
  ]);
  expect(screen.getByRole('status').textContent).toBe('');
});
