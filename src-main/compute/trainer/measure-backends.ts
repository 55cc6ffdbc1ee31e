/** Which of the backends that are ready trains a run fastest, found by trying each: self-test first, then the clock. */
import { AppError } from '#contract/errors.ts';
import type { BackendStatus, MeasuredBackend } from '#contract/system.ts';
import type { ComputeBackend } from '#engine/ports.ts';
import { generatorTrains } from '#engine/training/sample-counts.ts';
import type { TrainingConfig } from '#engine/training/training-config.ts';
import { iterationMilliseconds } from './measure-iteration.ts';
import { placed } from './placed-backend.ts';
import { smallBatch, type StepRecord } from './reference-steps.ts';
import { CutOff, selfTest } from './self-test.ts';

/** No step of a self-test is begun after this. */
const SELF_TEST_MS = 30_000;
/** An iteration that would take longer, by the time of a small one, is not waited for. */
const ITERATION_MS = 20_000;

export interface MeasuringPorts {
  config: TrainingConfig;
  reference: readonly StepRecord[];
  open: (status: BackendStatus) => Promise<ComputeBackend>;
  /** Milliseconds to measure each backend for. */
  span: number;
}
export interface MeasuredAll {
  /** Open; null where all were left out. */
  fastest: ComputeBackend | null;
  /** Under what it was asked for. */
  chosen: Pick<BackendStatus, 'name' | 'provider'> | null;
  /** Of every backend that was ready. */
  measured: MeasuredBackend[];
  /** Why backends were refused by their self-tests or failed. */
  failures: AppError[];
}

/** How many times the work of the small iteration the run's own is, about. */
function growth(config: TrainingConfig): number {
  const work = (c: TrainingConfig) =>
    (c.detectorSteps + (generatorTrains(c) ? c.generatorSteps : 0)) *
    (c.realPerBatch + c.blendsPerBatch + c.stylePerBatch);
  return Math.max(1, work(config) / work(smallBatch(config)));
}

/** The small iteration on a backend: its self-test, or on WebAssembly the reference itself. */
async function trySmall(opened: ComputeBackend, reference: readonly StepRecord[]) {
  if (opened.name === 'wasm') {
    const small = reference.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    return { backend: opened, small };
  }
  const small = await selfTest(opened, reference, { milliseconds: SELF_TEST_MS, again: true });
  const { backend } = await placed(opened, reference);
  if (backend.provider === 'cpu' && opened.provider !== 'cpu')
    throw new CutOff(`it falls back to the processor (${backend.device})`);
  return { backend, small };
}

/**
 * Milliseconds of an iteration; `problem` where that is an estimate.
 * @param small milliseconds of the small iteration
 * @param best of an iteration on the fastest backend so far
 */
async function clocked(
  backend: ComputeBackend,
  small: number,
  best: number,
  { config, span }: Pick<MeasuringPorts, 'config' | 'span'>,
) {
  const expected = small * growth(config);
  // A small iteration is a part of a whole one, so this one cannot win any more.
  if (small >= best)
    return {
      milliseconds: expected,
      problem: 'cut off: its small batch took longer than a whole one elsewhere',
    };
  if (expected > ITERATION_MS)
    return { milliseconds: expected, problem: 'cut off: estimated from a small batch' };
  return { milliseconds: await iterationMilliseconds(backend, config, span), problem: '' };
}

/** GPUs first, WebAssembly last: what is known to be slow is then cut off early. */
const rank = ({ name, provider }: BackendStatus): number =>
  name === 'wasm' ? 2 : provider === 'cpu' ? 1 : 0;

/** Tries the backends one after the other; what fails, or only pretends to be a GPU, is left out with its reason. */
export async function measureBackends(
  ready: readonly BackendStatus[],
  { config, reference, open, span }: MeasuringPorts,
): Promise<MeasuredAll> {
  const measured: MeasuredBackend[] = [];
  const failures: AppError[] = [];
  let fastest: ComputeBackend | null = null;
  let chosen: MeasuredAll['chosen'] = null;
  let best = Infinity;
  for (const status of ready.toSorted((a, b) => rank(a) - rank(b))) {
    const { name, provider, device } = status;
    let opened: ComputeBackend | null = null;
    try {
      if (status.software !== undefined)
        throw new CutOff(`no GPU: the software adapter ${status.software} computes on the processor`);
      opened = await open(status);
      const { backend, small } = await trySmall(opened, reference);
      const time = await clocked(backend, small, best, { config, span });
      measured.push({ name, provider: backend.provider, device: backend.device, ...time });
      if (time.milliseconds < best) {
        await fastest?.dispose();
        [fastest, best, chosen] = [backend, time.milliseconds, { name, provider }];
      } else await opened.dispose();
    } catch (error) {
      await opened?.dispose();
      if (!(error instanceof CutOff)) failures.push(AppError.from(error));
      const problem = `left out: ${(error as Error).message}`;
      measured.push({ name, provider, device, milliseconds: null, problem });
    }
  }
  return { fastest, chosen, measured, failures };
}
