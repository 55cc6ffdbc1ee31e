import { expect, test } from 'vitest';
import { startRunRequest } from '#contract/training-run.ts';
import { importRequest } from '#contract/dataset.ts';
import { readImportForm, readScenesForm } from '#renderer/lib/import-form.ts';
import {
  boundedNumber,
  defaultRunForm,
  expectation,
  formOfRequest,
  presets,
  readRunForm,
  withPreset,
  type Preset,
} from '#renderer/lib/run-form.ts';
import { resolveTrainingConfig } from '#engine/training/training-config.ts';

test('the training form, as it opens, is a request that the contract accepts', () => {
  const { request } = readRunForm(defaultRunForm('d1'));
  expect(startRunRequest.parse(request)).toMatchObject({ dataset: 'd1', stop: { minutes: 10 }, seed: 0 });
});

test('every preset is a request that the contract and the engine accept, and keeps dataset and seed', () => {
  for (const name of Object.keys(presets) as Preset[]) {
    const { request } = readRunForm(withPreset({ ...defaultRunForm('d1'), seed: '7' }, name));
    const parsed = startRunRequest.parse(request);
    expect(parsed).toMatchObject({ dataset: 'd1', seed: 7 });
    expect(() => resolveTrainingConfig(parsed.overrides)).not.toThrow();
  }
});

test('a run that is made again is asked for in the same words, without the reason that its findings were overruled for', () => {
  const request = startRunRequest.parse({
    ...{ dataset: 'd1', stop: { steps: 80, patience: 3 }, seed: 4, backend: 'ort', provider: 'cpu' },
    ...{ cacheMegabytes: 64, overrides: { crop: 128 }, despiteFindings: 'a trial' },
  });
  const { despiteFindings, ...same } = request;
  expect(despiteFindings).toBe('a trial');
  expect(readRunForm(formOfRequest(request)).request).toEqual(same);
});

test('what a run comes to is told from its pace where it has an end, by the nearer of two', () => {
  const pace = { secondsPerStep: 0.5 };
  expect(expectation({ steps: 100 }, pace)).toEqual({ steps: 100, seconds: 50 });
  expect(expectation({ minutes: 5 }, pace)).toEqual({ steps: 600, seconds: 300 });
  expect(expectation({ steps: 100, minutes: 5 }, pace)).toEqual({ steps: 100, seconds: 50 });
  expect(expectation({ patience: 3 }, pace)).toEqual({ steps: null, seconds: null });
});

test('the training form sends only the end that was chosen', () => {
  const form = { ...defaultRunForm('d1'), until: 'steps' as const, steps: '30', minutes: 'soon' };
  expect(readRunForm(form).request?.stop).toEqual({ steps: 30 });
});

test('conditions that end a run earlier are sent where they are filled in, beside its end', () => {
  const form = { ...defaultRunForm('d1'), lossBelow: '0,8', patience: ' 5 ' };
  const { request } = readRunForm(form);
  expect(request?.stop).toEqual({ minutes: 10, lossBelow: 0.8, patience: 5 });
  expect(startRunRequest.safeParse(request).success).toBe(true);
});

test('the memory for photographs is sent where it is filled in', () => {
  const form = { ...defaultRunForm('d1'), megabytes: '512' };
  expect(startRunRequest.parse(readRunForm(form).request).cacheMegabytes).toBe(512);
  expect(Object.keys(readRunForm({ ...form, megabytes: '0' }).errors ?? {})).toEqual(['megabytes']);
});

test('a run without a set end needs a condition that ends it', () => {
  const form = { ...defaultRunForm('d1'), until: 'open' as const };
  expect(Object.keys(readRunForm(form).errors ?? {})).toEqual(['patience']);
  expect(readRunForm({ ...form, patience: '3' }).request?.stop).toEqual({ patience: 3 });
  const wrong = readRunForm({ ...form, patience: '2.5', lossBelow: '-1' });
  expect(Object.keys(wrong.errors ?? {}).sort()).toEqual(['lossBelow', 'patience']);
});

test('the training form names every field that is wrong, and sends nothing', () => {
  const form = { ...defaultRunForm(''), until: 'steps' as const, steps: '2.5', seed: '-1' };
  const { request, errors } = readRunForm(form);
  expect(request).toBeNull();
  expect(Object.keys(errors ?? {}).sort()).toEqual(['dataset', 'seed', 'steps']);
});

test('numbers are taken within their bounds, with a comma or a point, and nothing else is', () => {
  const whole = { min: 1, max: 10, whole: true };
  expect(boundedNumber(' 7 ', whole)).toBe(7);
  for (const text of ['', '0', '11', '2.5', 'x', 'Infinity']) expect(boundedNumber(text, whole)).toBeNull();
  expect(boundedNumber('0,5', { min: 0, max: 1, whole: false })).toBe(0.5);
});

test('an import needs a folder and a name, and leaves out an empty category', () => {
  const kind = { label: 'real', groupBy: 'folder' } as const;
  const form = { path: '/photos', dataset: ' Harbour ', category: ' ', ...kind };
  const { request } = readImportForm(form);
  expect(request).toEqual({ paths: ['/photos'], dataset: 'Harbour', ...kind });
  expect(importRequest.safeParse(request).success).toBe(true);
  expect(Object.keys(readImportForm({ ...form, path: ' ', dataset: '' }).errors ?? {})).toEqual([
    'path',
    'dataset',
  ]);
});

test('scenes are rendered in a number that the contract allows', () => {
  expect(readScenesForm({ dataset: 'Scenes', count: '64', seed: '3' }).request).toEqual({
    dataset: 'Scenes',
    count: 64,
    seed: 3,
  });
  expect(readScenesForm({ dataset: 'Scenes', count: '2001', seed: '0' }).errors).toHaveProperty('count');
});
