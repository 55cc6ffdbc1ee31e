/** The analyses of an item: what ran, was not run and failed stands there with its reason, and a question starts its own. */
import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick, type Component } from 'svelte';
import { expect, test } from 'vitest';
import type { AnalysisDescription, AnalysisResult } from '#contract/analysis.ts';
import type { Job } from '#contract/job.ts';
import AnalysisPanel from '#renderer/components/analysis/AnalysisPanel.svelte';
import { hash } from '../examples.ts';
import { settle, standInWorkbench, type Answers } from '../stand-in-client.ts';
import WorkbenchProbe from './WorkbenchProbe.svelte';

const result = (analysis: string, change: Partial<AnalysisResult>): AnalysisResult => ({
  ...{
    id: analysis,
    path: '/a.jpg',
    sha256: hash('a'),
    evidence: 'e',
    analysis,
    title: `The ${analysis}`,
    version: 2,
  },
  ...{ programVersion: '1.2.3', libraries: [], parameters: {}, state: 'ran', reason: null, findings: [] },
  ...{ maps: [], files: [], details: {}, ms: 1, createdAt: 1 },
  ...change,
});
const description: Omit<AnalysisDescription, 'name' | 'limits'> = {
  title: 'T',
  question: 'Q?',
  version: 2,
  needs: 'file',
  formats: null,
  libraries: [],
  parameters: {},
  references: null,
};
const catalogue = {
  analyses: [{ ...description, name: 'metadata', limits: 'Metadata are claims.' }],
  presets: [{ name: 'origin', question: 'Where does it come from?', analyses: ['metadata'] }],
};

async function show(answers: Answers['analyses'], jobs: Answers['jobs'] = {}): Promise<void> {
  const workbench = standInWorkbench({
    analyses: {
      catalogue: async () => catalogue,
      lastChoice: async () => ({ parameters: {}, references: {} }),
      ...answers,
    },
    jobs,
  });
  const component = AnalysisPanel as unknown as Component<Record<string, unknown>>;
  render(WorkbenchProbe, { props: { component, workbench, props: { evidenceId: 'e', caseId: 'c' } } });
  await settle();
  await tick();
}

test('each analysis stands with its state, its reason and its findings', async () => {
  const finding = {
    code: 'dates-disagree',
    severity: 'contradiction',
    sentence: 'The dates disagree.',
    data: {},
  } as const;
  await show({
    ofEvidence: async () => [
      result('metadata', { findings: [finding] }),
      result('jpeg-coding', { state: 'not-run', reason: 'It reads only JPEG files.' }),
      result('resampling', { state: 'failed', reason: 'It took more than 120 seconds.' }),
    ],
  });
  for (const text of [
    'The dates disagree.',
    'contradiction',
    'It reads only JPEG files.',
    'It took more than 120 seconds.',
  ])
    expect(screen.getByText(text)).toBeTruthy();
  expect(screen.getByText('not run')).toBeTruthy();
  expect(screen.getByText('failed')).toBeTruthy();
  expect(screen.getByText('Metadata are claims.')).toBeTruthy();
});

test('a question starts its analyses with the parameters of this case, and the results are read again', async () => {
  let asked: unknown;
  let reads = 0;
  const job = {
    ...{
      id: 'j',
      kind: 'analysis',
      title: 'Analyse',
      state: 'done',
      progress: null,
      error: null,
      createdAt: 1,
      endedAt: 2,
    },
    result: { pictures: 1, states: { ran: 1, 'not-run': 0, failed: 0 }, failed: [] },
  } as Job;
  await show(
    {
      ofEvidence: async () => (reads++, []),
      lastChoice: async () => ({
        parameters: { metadata: { depth: 2 }, 'error-level': { quality: 70 } },
        references: {},
      }),
      start: async (request) => ((asked = request), { jobId: 'j' }),
    },
    {
      watch: (_, { event, end }) => {
        queueMicrotask(() => {
          event(job);
          end?.();
        });
        return () => undefined;
      },
    },
  );
  expect(screen.getByText('None has been run on this picture.')).toBeTruthy();
  await fireEvent.click(screen.getByText('Where does it come from?'));
  await settle();
  await settle();
  expect(asked).toEqual({
    case: 'c',
    items: ['e'],
    only: ['metadata'],
    parameters: { metadata: { depth: 2 } },
    references: {},
  });
  expect(reads).toBe(2);
});
