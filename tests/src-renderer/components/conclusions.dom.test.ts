/** Examiners' conclusions on a picture under review. */
import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick, type Component } from 'svelte';
import { expect, test } from 'vitest';
import type { NewReview, Review } from '#contract/review.ts';
import ConclusionPanel from '#renderer/components/review/ConclusionPanel.svelte';
import { hash } from '../examples.ts';
import { settle, standInWorkbench } from '../stand-in-client.ts';
import WorkbenchProbe from './WorkbenchProbe.svelte';

const first: Review = {
  ...{ id: 'r1', evidence: 'e', sha256: hash('a'), examiner: 'Ada', position: 1, blind: true },
  ...{ createdAt: 1, openedAt: null, conclusion: null },
};
const opened: Review = {
  ...first,
  openedAt: 3,
  conclusion: { verdict: 'simulated', reasons: 'The shadow falls towards the lamp.' },
};
const second: Review = {
  ...{ ...opened, id: 'r2', examiner: 'Grace', position: 2, createdAt: 2 },
  conclusion: { verdict: 'real', reasons: 'Nothing found.' },
};

const shown = async (): Promise<void> => {
  await settle();
  await tick();
};

async function show(reviews: object): Promise<void> {
  render(WorkbenchProbe, {
    props: {
      component: ConclusionPanel as unknown as Component<Record<string, unknown>>,
      workbench: standInWorkbench({ reviews }),
      props: { evidence: 'e' },
    },
  });
  await shown();
}

test('a sealed conclusion shows who recorded it and not what it says', async () => {
  await show({ ofEvidence: async () => [first] });
  expect(screen.getByText(/^Ada/)).toBeTruthy();
  expect(screen.getByText('Sealed until another examiner has recorded theirs.')).toBeTruthy();
  expect(screen.queryByText('simulated')).toBeNull();
});

test('a second conclusion is recorded as written, and both are shown with their disagreement', async () => {
  const recorded: NewReview[] = [];
  let answer = [first];
  await show({
    ofEvidence: async () => answer,
    record: async (review: NewReview) => {
      recorded.push(review);
      answer = [opened, second];
      return second;
    },
  });
  await fireEvent.click(screen.getByRole('button', { name: 'Record a conclusion' }));
  await shown();
  await fireEvent.submit(document.getElementById('conclusion-form')!);
  await shown();
  expect(screen.getByText('Write the reasons.')).toBeTruthy();
  await fireEvent.input(screen.getByLabelText('Reasons'), { target: { value: ' Nothing found. ' } });
  await fireEvent.submit(document.getElementById('conclusion-form')!);
  await shown();
  expect(screen.getByText('Choose a conclusion.')).toBeTruthy();
  await fireEvent.click(screen.getByRole('radio', { name: 'Real' }));
  await fireEvent.submit(document.getElementById('conclusion-form')!);
  await shown();
  expect(recorded).toEqual([{ evidence: 'e', verdict: 'real', reasons: 'Nothing found.' }]);
  expect(screen.getByText('The shadow falls towards the lamp.')).toBeTruthy();
  expect(screen.getByText(/^Grace.*without knowing the first$/)).toBeTruthy();
  expect(screen.getByText(/^The examiners disagree\./)).toBeTruthy();
});

test('a sealed conclusion is opened with a reason', async () => {
  const asked: object[] = [];
  let answer = [first];
  await show({
    ofEvidence: async () => answer,
    open: async (request: object) => {
      asked.push(request);
      answer = [opened];
      return answer;
    },
  });
  await fireEvent.click(screen.getByRole('button', { name: 'Open without a second' }));
  await shown();
  await fireEvent.input(screen.getByLabelText('Why it is opened'), { target: { value: 'No colleague.' } });
  await fireEvent.submit(document.getElementById('conclusion-form')!);
  await shown();
  expect(asked).toEqual([{ evidence: 'e', reason: 'No colleague.' }]);
  expect(screen.getByText('The shadow falls towards the lamp.')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Open without a second' })).toBeNull();
});
