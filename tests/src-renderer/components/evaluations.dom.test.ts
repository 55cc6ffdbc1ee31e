import { fireEvent, render, screen } from '@testing-library/svelte';
import type { Component } from 'svelte';
import { expect, test, vi } from 'vitest';
import type { ModelEvaluation } from '#contract/evaluation.ts';
import Evaluations from '#renderer/components/models/Evaluations.svelte';
import PromotionDialog from '#renderer/components/models/PromotionDialog.svelte';
import { hash } from '../examples.ts';
import { settle, standInWorkbench } from '../stand-in-client.ts';
import WorkbenchProbe from './WorkbenchProbe.svelte';

// A canvas draws nothing here: the plots keep what they were given.
const drawn: { labels: string[]; columns: number[][] }[] = vi.hoisted(() => []);
vi.mock('uplot', () => ({
  default: class {
    constructor({ series }: { series: { label?: string }[] }, columns: number[][]) {
      drawn.push({ labels: series.flatMap(({ label }) => label ?? []), columns });
    }
    setSize(): void {}
    destroy(): void {}
  },
}));

const found = (value: number | null, reason = '') => ({ value, interval: null, reason });
const evaluation: ModelEvaluation = {
  ...{ id: 'e', createdAt: 1, manifest: '/cases/list.csv', manifestSha256: hash('1') },
  counts: { real: 3, simulated: 2 },
  figures: {
    auc: { value: 0.875, interval: [0.7, 0.95], reason: '' },
    ...{ ap: found(0.9), eer: found(0.2), cllr: found(0.6), pixel_auc: found(null, 'No masks were given.') },
  },
  categories: [{ category: 'splice', simulated: 2, auc: found(0.5) }],
  tiers: [{ tier: 'jpeg_high', real: 3, simulated: 2, auc: found(0.61) }],
  leftOut: [
    {
      ...{ kind: 'source', name: 'harbour', real: 1, simulated: 1 },
      ...{ auc: found(0.62), cllr: found(0.63), misleading: found(0.64) },
    },
  ],
  robustness: [{ kind: 'blur', level: 2, auc: found(0.65), inconclusive: found(0.66), changed: found(0.67) }],
  verdicts: {
    real: { real: 1, simulated: 1, inconclusive: 1 },
    simulated: { real: 0, simulated: 2, inconclusive: 0 },
  },
  curves: {
    roc: { x: [0, 0, 1], y: [0, 1, 1] },
    precisionRecall: { x: [1], y: [0.5] },
    det: { x: [0], y: [0] },
    reliability: { x: [0.25], y: [0.5] },
    tippett: { x: [-1, 1], real: [1, 0.5], simulated: [1, 1] },
    histogram: { x: [0, 1], counts: { splice: [0, 2], real: [3, 0] } },
  },
  worst: [
    {
      ...{ path: 'a.png', simulated: false, category: null, source: '.', tier: 'lossless', group: 'a' },
      ...{ score: 3, llr: 2.5, verdict: 'simulated', thumbnail: hash('2') },
    },
  ],
};
async function shown(answer: ModelEvaluation[]): Promise<string> {
  drawn.length = 0;
  const workbench = standInWorkbench({ evaluations: { ofModel: () => Promise.resolve(answer) } });
  const { container } = render(WorkbenchProbe, {
    props: {
      component: Evaluations as unknown as Component<Record<string, unknown>>,
      workbench,
      props: { model: { id: 'm' } },
    },
  });
  await settle();
  return container.textContent ?? '';
}

test('an evaluation shows figures with their reasons, six charts, the confusion and the mistakes', async () => {
  const text = await shown([evaluation]);
  for (const words of ['/cases/list.csv', '0.875 [0.70, 0.95]', 'No masks were given.', 'AUC on splice (2)'])
    expect(text).toContain(words);
  expect(text).toMatch(/a\.png\s*real, called simulated/);
  expect(document.querySelector('img')?.getAttribute('src')).toContain(hash('2'));
  expect(screen.getAllByRole('img')).toHaveLength(6);
  expect(drawn.map(({ labels }) => labels[0])).toEqual(
    expect.arrayContaining(['ROC', 'Precision and recall', 'DET', 'observed', 'real']),
  );
  // The real ones come first, whatever order they arrive in.
  expect(drawn.at(-1)).toEqual({
    labels: ['real', 'splice'],
    columns: [
      [0, 1],
      [3, 0],
      [0, 2],
    ],
  });
  const [saved, left, changed] = ['By how', 'With something', 'After small'].map((label) =>
    screen
      .getByRole('region', { name: new RegExp(label), hidden: true })
      .textContent?.replaceAll(/\s+/g, ' '),
  );
  expect(saved).toMatch(/JPEG, quality 85 to 100 ?3 ?2 ?0.610/);
  expect(left).toMatch(/source harbour ?1 ?1 ?0.620 ?0.630 ?0.640/);
  expect(changed).toMatch(/blur 2 ?0.650 ?0.660 ?0.670/);
  const verdicts = [...document.querySelectorAll('tbody')].find((body) => !body.closest('details, .wide'))!;
  const rows = verdicts.querySelectorAll('tr');
  expect([...rows].map((row) => [...row.children].map((cell) => cell.textContent))).toEqual([
    ['real', '1', '1', '1'],
    ['simulated', '0', '2', '0'],
  ]);
});

test('without ratios there are no charts of ratios', async () => {
  const { curves } = evaluation;
  const silent = { ...curves, reliability: { x: [], y: [] }, tippett: { x: [], real: [], simulated: [] } };
  await shown([{ ...evaluation, curves: silent }]);
  expect(screen.getAllByRole('img')).toHaveLength(4);
});

test('a model that was not evaluated says so', async () => {
  expect(await shown([])).toContain('not evaluated on a list');
  expect(drawn).toEqual([]);
});

test('before a model takes the place of the current one, every picture whose verdict changes is listed', async () => {
  const used: string[] = [];
  const asked: unknown[] = [];
  const changes = [
    { path: 'b.png', from: 'real' as const, to: 'simulated' as const, simulated: false, thumbnail: null },
  ];
  const workbench = standInWorkbench({
    evaluations: {
      promotion: (input) => {
        asked.push(input);
        return Promise.resolve({ from: 'm1', to: 'm2', compared: 9, unseen: 3, changes });
      },
    },
  });
  render(WorkbenchProbe, {
    props: {
      component: PromotionDialog as unknown as Component<Record<string, unknown>>,
      workbench,
      props: {
        ...{ open: true, model: { id: 'm2', name: 'New' }, current: { id: 'm1' } },
        onuse: () => used.push('m2'),
      },
    },
  });
  await settle();
  expect(asked).toEqual([{ from: 'm1', to: 'm2' }]);
  const text = document.body.textContent ?? '';
  for (const words of ['Of 9 pictures', '1 change', '3 pictures only', 'b.png', 'labelled real'])
    expect(text).toContain(words);
  expect(text).toMatch(/b\.png.*Real.*Simulated/s);
  expect(used).toEqual([]);
  await fireEvent.click(screen.getByRole('button', { name: 'Use as current' }));
  expect(used).toEqual(['m2']);
});
