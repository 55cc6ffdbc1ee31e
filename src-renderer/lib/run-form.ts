/** The training form: what a person typed, checked and turned into a request. */
import type { BackendName, StartRunRequest } from '#contract/training-run.ts';
import { trainingText } from './text/training.ts';

export type RunForm = {
  dataset: string;
  until: 'minutes' | 'steps';
  minutes: string;
  steps: string;
  seed: string;
  backend: BackendName;
};
export type RunFormErrors = Partial<Record<'dataset' | 'minutes' | 'steps' | 'seed', string>>;

export const defaultRunForm = (dataset: string): RunForm => ({
  dataset,
  until: 'minutes',
  minutes: '10',
  steps: '1000',
  seed: '0',
  backend: 'auto',
});

/** The typed text as a number within bounds; null where it is not one. */
export function boundedNumber(
  text: string,
  { min, max, whole }: { min: number; max: number; whole: boolean },
): number | null {
  const value = text.trim() === '' ? Number.NaN : Number(text.trim().replace(',', '.'));
  if (!Number.isFinite(value) || value < min || value > max) return null;
  return whole && !Number.isInteger(value) ? null : value;
}

/** The request, or what is wrong with each field. */
export function readRunForm(
  form: RunForm,
): { request: StartRunRequest; errors: null } | { request: null; errors: RunFormErrors } {
  const text = trainingText.form;
  const minutes = boundedNumber(form.minutes, { min: 0.01, max: 100_000, whole: false });
  const steps = boundedNumber(form.steps, { min: 1, max: 10_000_000, whole: true });
  const seed = boundedNumber(form.seed, { min: 0, max: 2 ** 31 - 1, whole: true });
  const errors: RunFormErrors = {};
  if (form.dataset === '') errors.dataset = text.needDataset;
  if (form.until === 'minutes' && minutes === null) errors.minutes = text.needMinutes;
  if (form.until === 'steps' && steps === null) errors.steps = text.needSteps;
  if (seed === null) errors.seed = text.needSeed;
  const stop = form.until === 'minutes' ? minutes !== null && { minutes } : steps !== null && { steps };
  if (Object.keys(errors).length > 0 || seed === null || !stop) return { request: null, errors };
  return {
    request: { dataset: form.dataset, stop, seed, backend: form.backend, overrides: {} },
    errors: null,
  };
}
