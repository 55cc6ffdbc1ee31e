/** Where stored files lie, on the settings page. */
import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick, type Component } from 'svelte';
import { expect, test } from 'vitest';
import type { StoredFilesPlace } from '#contract/stored-files.ts';
import StoredFilesCard from '#renderer/components/settings/StoredFilesCard.svelte';
import { settle, standInWorkbench } from '../stand-in-client.ts';
import WorkbenchProbe from './WorkbenchProbe.svelte';

async function show(place: StoredFilesPlace) {
  const moves: object[] = [];
  const move = async (to: object) => {
    moves.push(to);
    return { jobId: 'j' };
  };
  const workbench = standInWorkbench({ storedFiles: { where: async () => place, move } });
  const component = StoredFilesCard as unknown as Component<Record<string, unknown>>;
  render(WorkbenchProbe, { props: { component, workbench, props: {} } });
  await settle();
  await tick();
  return moves;
}
const press = async (name: string): Promise<void> => {
  await fireEvent.click(screen.getByRole('button', { name }));
  await settle();
  await tick();
};

test('files in the workspace are moved into the folder that is named, and nowhere where none is', async () => {
  const moves = await show({ folder: '/w/blobs', own: true, freeBytes: 2048 });
  expect(screen.getByText('/w/blobs (in the workspace)')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Move back into the workspace' })).toBeNull();
  await press('Move…');
  await press('Move them');
  expect(screen.getByText('Name a folder.')).toBeTruthy();
  await fireEvent.input(screen.getByLabelText('New folder'), { target: { value: ' /disk/files ' } });
  await press('Move them');
  expect(moves).toEqual([{ to: '/disk/files' }]);
});

test('a folder elsewhere that is not there says so, and files elsewhere can be moved back', async () => {
  const moves = await show({ folder: '/disk/files', own: false, freeBytes: null });
  expect(screen.getByText('/disk/files (elsewhere)')).toBeTruthy();
  expect(screen.getByText('not there')).toBeTruthy();
  await press('Move back into the workspace');
  expect(moves).toEqual([{}]);
});
