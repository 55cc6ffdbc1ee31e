import type { Explanation } from '#contract/explanation.ts';
import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick, type Component } from 'svelte';
import { describe, expect, test } from 'vitest';
import { AppError } from '#contract/errors.ts';
import type { RunLogEntry } from '#contract/training-run.ts';
import Toasts from '#renderer/app/Toasts.svelte';
import DatasetFindings from '#renderer/components/datasets/DatasetFindings.svelte';
import ExplanationPanel from '#renderer/components/review/ExplanationPanel.svelte';
import type { ReviewController } from '#renderer/controllers/review.svelte.ts';
import StabilityPanel from '#renderer/components/detection/StabilityPanel.svelte';
import StatementPanel from '#renderer/components/detection/StatementPanel.svelte';
import JobCard from '#renderer/components/jobs/JobCard.svelte';
import MapLegend from '#renderer/components/maps/MapLegend.svelte';
import Calibration from '#renderer/components/models/Calibration.svelte';
import RunFormPanel from '#renderer/components/training/RunFormPanel.svelte';
import RunHeader from '#renderer/components/training/RunHeader.svelte';
import RunLog from '#renderer/components/training/RunLog.svelte';
import RunWarnings from '#renderer/components/training/RunWarnings.svelte';
import { Query } from '#renderer/lib/query.svelte.ts';
import { datasetExample, hash, jobExample, runExample, verdictExample } from '../examples.ts';
import { settle, standInWorkbench } from '../stand-in-client.ts';
import QueryViewProbe from './QueryViewProbe.svelte';
import WorkbenchProbe from './WorkbenchProbe.svelte';

const probe = (component: unknown, workbench = standInWorkbench(), props: Record<string, unknown> = {}) =>
  render(WorkbenchProbe, {
    props: { component: component as Component<Record<string, unknown>>, workbench, props },
  });

describe('any query on a page', () => {
  test('shows that it is pending, then its data, then that there is nothing', async () => {
    let answer = ['a', 'b'];
    const query = new Query(() => Promise.resolve(answer));
    render(QueryViewProbe, { query });
    expect(screen.getByRole('status').textContent).toContain('Reading');
    await query.refresh();
    await tick();
    expect(screen.getByText('a, b')).toBeTruthy();
    answer = [];
    await query.refresh();
    await tick();
    expect(screen.getByText('Nothing here.')).toBeTruthy();
  });

  test('shows an error with its hint, and tries again when asked', async () => {
    let fails = true;
    const query = new Query(() =>
      fails
        ? Promise.reject(new AppError('connection_lost', 'The host is away.'))
        : Promise.resolve(['back']),
    );
    render(QueryViewProbe, { query });
    await query.refresh();
    await tick();
    expect(screen.getByRole('alert').textContent).toContain('The host is away.');
    expect(screen.getByRole('alert').textContent).toContain('reconnects by itself');
    fails = false;
    await fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await settle();
    expect(screen.getByText('back')).toBeTruthy();
  });
});

describe('the training form', () => {
  test('refuses steps that are no whole number, tied to their field, and starts nothing', async () => {
    const requests: unknown[] = [];
    const workbench = standInWorkbench({
      runs: {
        start: (request) => {
          requests.push(request);
          return Promise.resolve(runExample());
        },
      },
    });
    probe(RunFormPanel, workbench, { datasets: [datasetExample()], dataset: null });
    await fireEvent.click(screen.getByLabelText('Detector steps'));
    const steps = screen.getAllByLabelText('Detector steps').at(-1) as HTMLInputElement;
    await fireEvent.input(steps, { target: { value: '2.5' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Start training' }));
    expect(steps.getAttribute('aria-invalid')).toBe('true');
    const note = document.getElementById(steps.getAttribute('aria-describedby') ?? '');
    expect(note?.textContent).toContain('whole number');
    expect(requests).toEqual([]);

    await fireEvent.input(steps, { target: { value: '30' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Start training' }));
    await settle();
    expect(requests).toMatchObject([{ dataset: 'd1', stop: { steps: 30 }, seed: 0, backend: 'auto' }]);
    expect(location.hash).toBe('#/training/r1');
  });

  test('warns of a dataset with few photographs', () => {
    const few = datasetExample({ labels: { real: 12, reference: 0, simulated: 0, unlabelled: 0 } });
    probe(RunFormPanel, standInWorkbench(), { datasets: [few], dataset: 'd1' });
    expect(screen.getByText(/12 real pictures/)).toBeTruthy();
  });
});

describe('a run', () => {
  const begins: RunLogEntry = { at: 1, level: 'warning', code: 'mask_area', message: 'A mask covers 3 %.' };
  const over: RunLogEntry = { at: 2, level: 'info', code: 'mask_area_over', message: 'Sound again.' };

  test('shows what it warns of until it is over; the log keeps both', () => {
    const { unmount } = render(RunWarnings, { log: [begins] });
    expect(screen.getByRole('region', { name: 'Warnings' }).textContent).toContain('A mask covers 3 %.');
    unmount();
    render(RunWarnings, { log: [begins, over] });
    expect(screen.queryByRole('region')).toBeNull();
    render(RunLog, { entries: [begins, over] });
    expect(screen.getByRole('log').textContent).toMatch(/Sound again.*A mask covers 3 %/s);
  });

  test('that warns again after it was over shows the later warning only', () => {
    render(RunWarnings, { log: [begins, over, { ...begins, message: 'A mask covers 2 %.' }] });
    expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
      expect.stringContaining('2 %'),
    ]);
  });

  test('names every condition that ends it', () => {
    const stop = { steps: 5000, patience: 3, lossBelow: 0.5 };
    const run = runExample({ request: { ...runExample().request, stop } });
    probe(RunHeader, standInWorkbench(), { run, latest: null });
    expect(screen.getByText(/5,000 steps or loss below 0.5 or 3 evaluations without/)).toBeTruthy();
  });
});

test('a legend names both ends and the unit of its map', () => {
  render(MapLegend, { reference: { min: -3, max: 5, unit: 'logit' }, colourMap: 'viridis' });
  const legend = screen.getByRole('img');
  expect(legend.getAttribute('aria-label')).toBe('Colour scale from \u22123.00 to 5.00, logit');
  expect(legend.textContent).toContain('\u22123');
  expect(legend.textContent).toContain('logit');
});

describe('a statement', () => {
  const statement = {
    propositions: { simulated: 'It was forged.', real: 'It was not.' },
    ...{ tier: 'lossless' as const, band: Math.log(10), bounds: { lower: -2, upper: 3 }, cut: false },
    verbal: 'moderate support for simulated rather than real',
    ...{ obstacles: [], limits: ['It compares these two and no others.'] },
  };
  test('tells the ratio in numbers and words, with its propositions, reason and limits, and no percentage', () => {
    const verdict = verdictExample({ llr: 2.9, statement, reason: 'It is 18 times as probable.' });
    const { container } = render(StatementPanel, { verdict });
    expect(screen.getByRole('img').getAttribute('aria-label')).toContain('+2.90');
    for (const words of [statement.verbal, 'It was forged.', 'It was not.', '18 times', ...statement.limits])
      expect(container.textContent).toContain(words);
    expect(container.textContent).not.toContain('%');
  });
  test('without a ratio shows none, and why', () => {
    const silent = { ...statement, bounds: null, verbal: null, obstacles: ['It is outside.'] };
    const verdict = verdictExample({ llr: null, statement: silent, reason: 'It is outside.' });
    const { container } = render(StatementPanel, { verdict });
    expect(screen.queryByRole('img')).toBeNull();
    expect(container.textContent).toContain('none can be given');
    expect(container.textContent).toContain('It is outside.');
  });
  test('of an uncalibrated model says so', () => {
    const { container } = render(StatementPanel, { verdict: verdictExample() });
    expect(container.textContent).toContain('not calibrated');
  });
});

describe('what a score came from', () => {
  const explanation: Explanation = {
    version: 1,
    parameters: { tileSize: 64, patches: 2 },
    branches: [{ branch: 'global', score: 1 }],
    tiles: [{ x: 128, y: 64, logit: 3, without: 1.5, occlusion: [1, -0.5, 0, 0] }],
    nearest: [
      {
        photograph: 'c'.repeat(64),
        name: 'boat.jpg',
        tier: 'jpeg_high',
        category: 'copy-move',
        distance: 1.25,
      },
    ],
  };
  const show = (changes: Partial<Explanation> = {}) => {
    const shown: object[] = [];
    const controller = { tilesShown: false, view: { show: (area: object) => shown.push(area) } };
    const { container } = render(ExplanationPanel, {
      controller: controller as unknown as ReviewController,
      explanation: { ...explanation, ...changes },
      score: 3,
    });
    return { shown, controller, text: container.textContent };
  };
  test('is told by branches, tiles and the nearest validation pictures, and a tile can be gone to', async () => {
    const { text, shown, controller } = show();
    for (const words of [
      'Global frequencies',
      '\u22122.00',
      'T1 at 128, 64',
      'boat.jpg',
      'forged: copy-move',
    ])
      expect(text).toContain(words);
    await fireEvent.click(screen.getByLabelText('Show tile 1'));
    expect(shown).toEqual([{ x: 128, y: 64, width: 64, height: 64 }]);
    expect(controller.tilesShown).toBe(true);
  });
  test('of a model that does not tell says so', () => {
    const { text } = show({ branches: null, nearest: [] });
    expect(text).toContain('not available for this model');
    expect(text).toContain('keeps no validation pictures');
  });
});

test('the panel of small changes says whether the verdict holds, why not, and what each change does', () => {
  const row = { kind: 'crop' as const, level: 1, mild: true, score: 2, llr: -1.5, reason: '' };
  const { container } = render(StabilityPanel, {
    stability: {
      version: 1,
      parameters: { band: 2.3, opposite: 0.69, share: 0.5, saved: 'as it was' },
      ...{ stable: false, reason: 'The verdict does not hold.', ms: 1 },
      rows: [
        { ...row, outcome: 'opposite' as const },
        { ...row, level: 2, llr: null, outcome: 'none' as const, reason: 'Outside.' },
      ],
    },
  });
  for (const words of [
    'Unstable',
    'does not hold',
    'cut by one pixel',
    '\u22121.50',
    'is contradicted',
    'none',
  ])
    expect(container.textContent).toContain(words);
  expect(screen.getByTitle('Outside.')).toBeTruthy();
});

test("a model's calibration says where it is at chance, and how far its ratios may go", () => {
  const figure = { value: 0.91, interval: [0.8, 0.95] as [number, number] };
  const tier = {
    map: { kind: 'logistic' as const, slope: 1, offset: 0 },
    bounds: { lower: -Math.log(12), upper: Math.log(38) },
    counts: { real: 45, simulated: 270, realGroups: 45, simulatedGroups: 45 },
    figures: { auc: figure, ap: figure, eer: figure, cllr: figure, cllrMin: figure },
    reliability: [],
    categories: [{ category: 'copy-move', simulated: 45, auc: figure, atChance: true }],
  };
  const calibration = {
    tiers: [
      { ...tier, tier: 'lossless' as const, atChance: false },
      { ...tier, tier: 'jpeg_medium' as const, atChance: true },
    ],
    domain: { pixels: { least: 1, most: 2 }, coloured: 45, grey: 0, rendered: false },
    ...{ density: null, band: 2.3, propositions: { simulated: 'a', real: 'b' } },
  };
  const { container } = render(Calibration, { calibration });
  const rows = [...container.querySelectorAll('tbody tr')].map((row) => row.textContent);
  expect(rows[0]).toContain('12 for real, 38 for simulated');
  expect(rows[1]).toContain('at chance');
  expect(rows[1]).not.toContain('38');
  expect(container.textContent).toContain('PNG: at chance on copy-move.');
});

describe('a job', () => {
  test('shows how far it is, its rate and the time left, and can be cancelled', async () => {
    const cancelled: string[] = [];
    const workbench = standInWorkbench({
      jobs: {
        cancel: ({ id }) => {
          cancelled.push(id);
          return Promise.resolve(jobExample({ state: 'cancelled' }));
        },
      },
    });
    probe(JobCard, workbench, { job: jobExample() });
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('30');
    expect(screen.getByText('3 of 10')).toBeTruthy();
    expect(screen.getByText('2.00/s')).toBeTruthy();
    expect(screen.getByText('3.5 s left')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(cancelled).toEqual(['j1']);
  });

  test('names what was added, what was there already, and what was refused and why', () => {
    const error = {
      code: 'image_truncated' as const,
      message: 'half.jpg ends early.',
      hint: 'Copy it again.',
    };
    const result = {
      datasetId: 'd1',
      dataset: 'Harbour',
      added: [{ path: '/x/new.jpg', sha256: hash('1') }],
      duplicates: [{ path: '/x/copy.jpg', sha256: hash('2'), sameAs: '/x/old.jpg' }],
      refused: [{ path: '/x/half.jpg', error }],
      moved: [],
    };
    const { container } = probe(JobCard, standInWorkbench(), {
      job: jobExample({ state: 'done', progress: null, result }),
    });
    for (const text of ['1 added', '1 already there', '1 refused', 'new.jpg', 'copy.jpg', 'old.jpg'])
      expect(container.textContent).toContain(text);
    expect(container.textContent).toContain('half.jpg ends early. Copy it again.');
  });
});

test('the check of a dataset names what it finds, applies the remedy that is clicked, and takes it back', async () => {
  const dataset = datasetExample();
  const finding = {
    ...{
      code: 'damaged_items',
      severity: 'error' as const,
      blocking: true,
      message: 'Two pictures are gone.',
    },
    ...{ remedy: 'Remove them.', items: ['a', 'b'] },
    actions: [{ label: 'Remove them', items: ['a', 'b'], change: { kind: 'remove' as const } }],
  };
  const edit = {
    ...{ id: 'e', datasetId: dataset.id, action: 'remove', summary: '2 pictures: removed' },
    ...{ items: 2, at: 1, undoneAt: null },
  };
  const asked: unknown[] = [];
  const workbench = standInWorkbench({
    datasets: {
      check: async () => (asked.length % 2 === 0 ? [finding] : []),
      edit: async (request) => {
        asked.push(request);
        return { edit, dataset };
      },
      undo: async (request) => {
        asked.push(request);
        return { edit, dataset };
      },
      list: async () => [dataset],
    },
  });
  const { container } = probe(DatasetFindings, workbench, { dataset });
  await fireEvent.click(screen.getByRole('button', { name: 'Check the dataset' }));
  await settle();
  expect(container.textContent).toContain('Two pictures are gone.');
  expect(screen.getByText('No run starts while this stands.')).toBeTruthy();
  await fireEvent.click(screen.getByRole('button', { name: 'Remove them (2)' }));
  await settle();
  expect(asked).toEqual([{ dataset: dataset.id, items: { ids: ['a', 'b'] }, change: { kind: 'remove' } }]);
  expect(container.textContent).toContain('2 pictures: removed');
  expect(container.textContent).toContain('Nothing was found wrong.');
  await fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
  await settle();
  expect(asked[1]).toEqual({ dataset: dataset.id });
  expect(container.textContent).toContain('Two pictures are gone.');
});

test('a toast shows its message and hint, and goes when dismissed', async () => {
  const workbench = standInWorkbench();
  probe(Toasts, workbench);
  workbench.messages.showError(new AppError('disk_full', 'The disk is full.'));
  await tick();
  expect(screen.getByRole('alert').textContent).toContain('Free some space');
  await fireEvent.click(screen.getByRole('button', { name: 'Dismiss: The disk is full.' }));
  expect(screen.queryByRole('alert')).toBeNull();
});
