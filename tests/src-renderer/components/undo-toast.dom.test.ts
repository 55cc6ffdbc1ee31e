/** A toast that offers to take back what was just done. */
import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick, type Component } from 'svelte';
import { expect, test } from 'vitest';
import type { CaseRecord } from '#contract/case.ts';
import Toasts from '#renderer/app/Toasts.svelte';
import CaseDialog from '#renderer/components/cases/CaseDialog.svelte';
import { settle, standInWorkbench } from '../stand-in-client.ts';
import WorkbenchProbe from './WorkbenchProbe.svelte';

type AnyComponent = Component<Record<string, unknown>>;
const shown = async (): Promise<void> => {
  await settle();
  await tick();
};

test('a case that was changed can be put back as it was from the toast, after its dialog is gone', async () => {
  const before: CaseRecord = {
    ...{ id: 'c', name: 'Doe', number: '7', examiner: 'Ada', notes: '', tags: ['night'] },
    ...{ status: 'open', createdAt: 1, updatedAt: 1 },
  };
  const changes: object[] = [];
  const saved: CaseRecord[] = [];
  const edit = async ({ change }: { id: string; change: object }): Promise<CaseRecord> => {
    changes.push(change);
    return { ...before, ...change };
  };
  const workbench = standInWorkbench({ cases: { edit } });
  render(WorkbenchProbe, { props: { component: Toasts as unknown as AnyComponent, workbench, props: {} } });
  const props = { open: true, existing: before, ondone: (one: CaseRecord) => saved.push(one) };
  const dialog = render(WorkbenchProbe, {
    props: { component: CaseDialog as unknown as AnyComponent, workbench, props },
  });
  await shown();
  await fireEvent.input(screen.getByLabelText('Name'), { target: { value: 'Roe' } });
  await fireEvent.submit(document.getElementById('case-form')!);
  await shown();
  dialog.unmount();
  await shown();
  expect(screen.getByText('The case was changed.')).toBeTruthy();
  await fireEvent.click(screen.getByRole('button', { name: 'Undo: The case was changed.' }));
  await shown();
  const { name, number, examiner, notes, tags, status } = before;
  expect(changes).toMatchObject([{ name: 'Roe' }, { name, number, examiner, notes, tags, status }]);
  expect(saved.map((one) => one.name)).toEqual(['Roe', 'Doe']);
  expect(screen.queryByRole('button', { name: /^Undo/ })).toBeNull();
  expect(workbench.messages.history.map((message) => message.title)).toEqual(['The case was changed.']);
});
