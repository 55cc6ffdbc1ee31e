/** The analyses of an item: what ran, was not run and failed stands there with its reason, and a question starts its own. */
import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick, type Component } from 'svelte';
import { expect, test } from 'vitest';
import type { AnalysisDescription, AnalysisResult } from '#contract/analysis.ts';
import type { Job } from '#contract/job.ts';
import AnalysisPanel from '#renderer/components/analysis/AnalysisPanel.svelte';
import { evidenceExample, hash } from '../examples.ts';
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
    evidence: {
      items: async () => ({
        items: ['e', 'f', 'g'].map((id) => evidenceExample({ id, name: `${id}.jpg` })),
        total: 3,
      }),
    },
    datasets: { list: async () => [] },
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

test.each([
  ['other pictures', { kind: 'evidence', items: ['f'] }, true],
  ['a folder, which may be gone', { kind: 'files', paths: ['/camera'] }, false],
] as const)(
  'a question starts its analyses with the parameters of this case and with %s, and the results are read again',
  async (_, source, again) => {
    const remembered =
      source.kind === 'files'
        ? { ...source, paths: [...source.paths] }
        : { ...source, items: [...source.items] };
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
          references: { 'error-level': { kind: 'dataset', dataset: 'd' }, metadata: remembered },
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
      references: again ? { metadata: remembered } : {},
    });
    expect(reads).toBe(2);
  },
);

const errorLevel: AnalysisDescription = {
  ...{ ...description, name: 'error-level', title: 'Error level analysis', limits: 'No verdict.' },
  parameters: {
    type: 'object',
    properties: {
      quality: {
        type: 'integer',
        minimum: 50,
        maximum: 99,
        default: 90,
        description: 'Quality of the JPEG.',
      },
      filter: { type: 'string', enum: ['median', 'wavelet'], default: 'median', description: 'The filter.' },
    },
  },
};
const cameraPattern: AnalysisDescription = {
  ...{ ...description, name: 'camera-pattern', title: 'Camera pattern', limits: 'Much.' },
  references: { what: 'pictures of the camera', least: 6, most: 200, required: true },
};

async function openForm(asked: unknown[]): Promise<void> {
  await show({
    catalogue: async () => ({ analyses: [errorLevel, cameraPattern], presets: [] }),
    lastChoice: async () => ({ parameters: { 'error-level': { quality: 70 } }, references: {} }),
    ofEvidence: async () => [],
    start: async (request) => (asked.push(request), { jobId: 'j' }),
  });
  await fireEvent.click(screen.getByText('Choose and set…'));
  await settle();
  await tick();
}

test('the form begins with what the analysis last ran with in the case, and starts it on the whole case with what was set', async () => {
  const asked: unknown[] = [];
  await openForm(asked);
  const quality = screen.getByLabelText<HTMLInputElement>('Quality of the JPEG.');
  expect(quality.value).toBe('70');
  expect(screen.queryByLabelText('Compare with pictures of the camera')).toBeNull();
  await fireEvent.input(quality, { target: { value: '80' } });
  await fireEvent.change(screen.getByLabelText('Run on'), { target: { value: 'case' } });
  await fireEvent.click(screen.getByText('Run 1 analysis'));
  await settle();
  expect(asked).toEqual([
    {
      ...{ case: 'c', only: ['error-level'], references: {} },
      parameters: { 'error-level': { quality: 80, filter: 'median' } },
    },
  ]);
});

test('a value out of its bounds, and an analysis without what it compares with, are said at their fields and start nothing', async () => {
  const asked: unknown[] = [];
  await openForm(asked);
  await fireEvent.input(screen.getByLabelText('Quality of the JPEG.'), { target: { value: '101' } });
  await fireEvent.click(screen.getByLabelText('Camera pattern'));
  await fireEvent.click(screen.getByText('Run 2 analyses'));
  expect(screen.getByText('It must be a number from 50 to 99.')).toBeTruthy();
  expect(screen.getByText('Name what it is compared with.')).toBeTruthy();
  await fireEvent.input(screen.getByLabelText('Quality of the JPEG.'), { target: { value: '60' } });
  await fireEvent.change(screen.getByLabelText('Compare with pictures of the camera'), {
    target: { value: 'evidence' },
  });
  const pictures = screen.getByLabelText<HTMLSelectElement>('Pictures');
  // The picture itself is not offered.
  expect([...pictures.options].map(({ value }) => value)).toEqual(['f', 'g']);
  for (const option of pictures.options) option.selected = true;
  await fireEvent.change(pictures);
  await fireEvent.click(screen.getByText('Run 2 analyses'));
  await settle();
  expect(asked).toMatchObject([
    { items: ['e'], references: { 'camera-pattern': { kind: 'evidence', items: ['f', 'g'] } } },
  ]);
});

test('a result says with which parameters it ran and what it compared with, by name and hash', async () => {
  const references = {
    ...{ source: { kind: 'files', paths: ['/camera'] }, available: 1 },
    pictures: [{ path: '/camera/1.jpg', sha256: hash('b') }],
  };
  await show({
    ofEvidence: async () => [result('camera-pattern', { parameters: { threshold: 60, references } })],
  });
  expect(screen.getByText('Parameters: threshold 60')).toBeTruthy();
  expect(screen.getByText('Compared with 1 picture')).toBeTruthy();
  expect(screen.getByText(hash('b'))).toBeTruthy();
});
