/** The training form: what a person typed, checked and turned into a request. */
import type { BackendName, StartRunRequest, StopCondition } from '#contract/training-run.ts';
import { trainingText } from './text/training.ts';

export type RunForm = {
  dataset: string;
  /** The end that the learning rate is planned for; `open` has none. */
  until: 'minutes' | 'steps' | 'open';
  minutes: string;
  steps: string;
  /** Further conditions; empty where they shall not end the run. */
  lossBelow: string;
  patience: string;
  seed: string;
  backend: BackendName;
  /** For decoded photographs; empty for the program's own bound. */
  megabytes: string;
};
export type RunFormErrors = Partial<
  Record<'dataset' | 'minutes' | 'steps' | 'lossBelow' | 'patience' | 'seed' | 'megabytes', string>
>;

export const defaultRunForm = (dataset: string): RunForm => ({
  dataset,
  until: 'minutes',
  minutes: '10',
  steps: '1000',
  lossBelow: '',
  patience: '',
  seed: '0',
  backend: 'auto',
  megabytes: '',
});

type Bounds = { min: number; max: number; whole: boolean };

/** The typed text as a number within bounds; null where it is not one. */
export function boundedNumber(text: string, { min, max, whole }: Bounds): number | null {
  const value = text.trim() === '' ? Number.NaN : Number(text.trim().replace(',', '.'));
  if (!Number.isFinite(value) || value < min || value > max) return null;
  return whole && !Number.isInteger(value) ? null : value;
}

/** The request, or what is wrong with each field. */
export function readRunForm(
  form: RunForm,
): { request: StartRunRequest; errors: null } | { request: null; errors: RunFormErrors } {
  const text = trainingText.form;
  const optional = (typed: string, bounds: Bounds): number | null | undefined =>
    typed.trim() === '' ? undefined : boundedNumber(typed, bounds);
  const minutes = boundedNumber(form.minutes, { min: 0.01, max: 100_000, whole: false });
  const steps = boundedNumber(form.steps, { min: 1, max: 10_000_000, whole: true });
  const seed = boundedNumber(form.seed, { min: 0, max: 2 ** 31 - 1, whole: true });
  const lossBelow = optional(form.lossBelow, { min: 1e-6, max: 1000, whole: false });
  const patience = optional(form.patience, { min: 1, max: 10_000, whole: true });
  const megabytes = optional(form.megabytes, { min: 1, max: 1_048_576, whole: true });
  const errors: RunFormErrors = {};
  if (form.dataset === '') errors.dataset = text.needDataset;
  if (form.until === 'minutes' && minutes === null) errors.minutes = text.needMinutes;
  if (form.until === 'steps' && steps === null) errors.steps = text.needSteps;
  if (seed === null) errors.seed = text.needSeed;
  if (lossBelow === null) errors.lossBelow = text.needLoss;
  if (patience === null) errors.patience = text.needPatience;
  if (megabytes === null) errors.megabytes = text.needMegabytes;
  if (form.until === 'open' && lossBelow === undefined && patience === undefined)
    errors.patience = text.needCondition;
  if (Object.keys(errors).length > 0 || seed === null) return { request: null, errors };
  const stop: StopCondition = {
    ...(form.until === 'minutes' && minutes !== null && { minutes }),
    ...(form.until === 'steps' && steps !== null && { steps }),
    ...(typeof lossBelow === 'number' && { lossBelow }),
    ...(typeof patience === 'number' && { patience }),
  };
  return {
    request: {
      ...{ dataset: form.dataset, stop, seed, backend: form.backend, overrides: {} },
      ...(typeof megabytes === 'number' && { cacheMegabytes: megabytes }),
    },
    errors: null,
  };
}
