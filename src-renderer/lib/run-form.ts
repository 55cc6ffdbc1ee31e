/** The training form: what a person typed, checked and turned into a request. */
import type {
  BackendName,
  ProviderName,
  RunPace,
  StartRunRequest,
  StopCondition,
} from '#contract/training-run.ts';
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
  /** Only of a request that named one. */
  provider: ProviderName | undefined;
  /** What differs from the program's own configuration. */
  overrides: Record<string, unknown>;
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
  provider: undefined,
  overrides: {},
});

/** Ways to train that a person may begin from. */
export type Preset = 'quick' | 'overnight' | 'gpu';
/** Each as what it changes in the form; the dataset and the seed stay as they are. */
export const presets: Record<Preset, Partial<RunForm>> = {
  quick: { until: 'minutes', minutes: '5', patience: '', lossBelow: '', backend: 'auto', overrides: {} },
  overnight: {
    until: 'minutes',
    minutes: '480',
    patience: '40',
    lossBelow: '',
    backend: 'auto',
    overrides: {},
  },
  gpu: {
    ...{ until: 'minutes', minutes: '120', patience: '40', lossBelow: '', backend: 'auto' },
    overrides: { crop: 128, realPerBatch: 32, stylePerBatch: 2, blendsPerBatch: 30 },
  },
};
export const withPreset = (form: RunForm, preset: Preset): RunForm => ({
  ...form,
  provider: undefined,
  ...presets[preset],
});

/** The form that makes the same request again. The reason for training despite findings is not repeated: it is given anew. */
export function formOfRequest({ dataset, stop, seed, ...request }: StartRunRequest): RunForm {
  const until = stop.minutes !== undefined ? 'minutes' : stop.steps !== undefined ? 'steps' : 'open';
  const text = (value: number | undefined): string => (value === undefined ? '' : String(value));
  const empty = defaultRunForm(dataset);
  return {
    ...empty,
    until,
    minutes: text(stop.minutes) || empty.minutes,
    steps: text(stop.steps) || empty.steps,
    ...{ lossBelow: text(stop.lossBelow), patience: text(stop.patience), seed: String(seed) },
    ...{ backend: request.backend, provider: request.provider, overrides: request.overrides },
    megabytes: text(request.cacheMegabytes),
  };
}

/** What a run of this end comes to at a pace; null for what cannot be told. */
export function expectation(
  stop: StopCondition,
  pace: Pick<RunPace, 'secondsPerStep'>,
): { steps: number | null; seconds: number | null } {
  const ends = [
    ...(stop.steps === undefined ? [] : [stop.steps * pace.secondsPerStep]),
    ...(stop.minutes === undefined ? [] : [stop.minutes * 60]),
  ];
  if (ends.length === 0 || pace.secondsPerStep <= 0) return { steps: null, seconds: null };
  const seconds = Math.min(...ends);
  return { seconds, steps: Math.round(seconds / pace.secondsPerStep) };
}

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
      ...{ dataset: form.dataset, stop, seed, backend: form.backend, overrides: { ...form.overrides } },
      ...(form.provider !== undefined && { provider: form.provider }),
      ...(typeof megabytes === 'number' && { cacheMegabytes: megabytes }),
    },
    errors: null,
  };
}
