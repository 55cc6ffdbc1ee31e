/** The findings of a dataset's check, and what can be done about evidence among its pictures. */
import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick, type Component } from 'svelte';
import { expect, test } from 'vitest';
import type { DatasetFinding } from '#contract/dataset.ts';
import DatasetFindings from '#renderer/components/datasets/DatasetFindings.svelte';
import { datasetExample } from '../examples.ts';
import { settle, standInWorkbench } from '../stand-in-client.ts';
import WorkbenchProbe from './WorkbenchProbe.svelte';

const evidence: DatasetFinding = {
  code: 'evidence_in_dataset',
  severity: 'error',
  blocking: true,
  message: '2 pictures are evidence.',
  remedy: 'Remove them, or say why.',
  items: ['a', 'b'],
  actions: [{ label: 'Remove them', items: ['a', 'b'], change: { kind: 'remove' } }],
};

const press = async (name: string): Promise<void> => {
  await fireEvent.click(screen.getByRole('button', { name }));
  await settle();
  await tick();
};

test('evidence may stand in a dataset only with a reason, which goes with the edit', async () => {
  const edits: object[] = [];
  const edit = (asked: object) => {
    edits.push(asked);
    const made = { id: 'e', datasetId: 'd1', action: 'allow-evidence', summary: 'Allowed', items: 2, at: 1 };
    return Promise.resolve({ edit: { ...made, undoneAt: null }, dataset: datasetExample() });
  };
  const workbench = standInWorkbench({
    datasets: {
      check: () => Promise.resolve(edits.length === 0 ? [evidence] : []),
      edit,
      list: () => Promise.resolve([datasetExample()]),
    },
  });
  const component = DatasetFindings as unknown as Component<Record<string, unknown>>;
  render(WorkbenchProbe, { props: { component, workbench, props: { dataset: datasetExample() } } });
  await press('Check the dataset');
  await press('Let them stand here (2) …');
  await press('Let them stand here');
  expect(screen.getByText('Say why these pictures may be learned from.')).toBeTruthy();
  expect(edits).toEqual([]);
  await fireEvent.input(screen.getByLabelText('Reason'), { target: { value: ' consent of the owner ' } });
  await press('Let them stand here');
  expect(edits).toEqual([
    {
      dataset: 'd1',
      items: { ids: ['a', 'b'] },
      change: { kind: 'allow-evidence', reason: 'consent of the owner' },
    },
  ]);
  expect(screen.getByText('Nothing was found wrong.')).toBeTruthy();
});
