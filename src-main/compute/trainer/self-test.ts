/**
 * The self-test of a backend: the steps of one small iteration against WebAssembly's, with the same inputs. A backend that
 * computes something else is refused before a run is trained on it.
 */
import { AppError } from '#contract/errors.ts';
import type { ComputeBackend, HostTensor } from '#engine/ports.ts';
import type { StepRecord } from './reference-steps.ts';

type HostTensors = Record<string, HostTensor>;

/** Largest relative difference of each loss. */
const LOSS_BOUND = 1e-3;
/** Losses below this are compared as if they were as large: a loss of nothing has no relative difference. */
const LEAST_LOSS = 1e-3;
/** Largest difference of gradients, in norms. */
const GRADIENT_BOUND = 1e-2;

const steps: Record<string, string> = {
  generate: 'the making of samples',
  detectorStep: 'the step of the detector',
  generatorStep: 'the step of the generator',
};
/**
 * What the outputs are to a person. The first step starts from moments of zero, so the first moment is the clipped gradient
 * times `1 - beta1`, and the second its square times `1 - beta2`.
 */
const quantities: Record<string, string> = {
  losses: 'losses',
  firstMoment: 'gradients',
  secondMoment: 'squared gradients',
  gradientNorm: "gradients' norm",
  weights: 'new weights',
  average: 'averaged weights',
  running: 'running moments',
};

/** `|a - b| / |b|` in Euclidean norms, each place weighted. */
function relativeNorm(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  weight: (i: number) => number = () => 1,
): number {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (weight(i) * (a[i]! - b[i]!)) ** 2;
    norm += (weight(i) * b[i]!) ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / norm);
}

const largestRelative = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(b, (value, i) => Math.abs(a[i]! - value) / Math.max(Math.abs(value), LEAST_LOSS)));

/** How far an output is from the reference, and how far it may be; null for one that is not compared. */
function compared(
  name: string,
  record: StepRecord,
  outputs: HostTensors,
): { found: number; bound: number } | null {
  const [actual, expected] = [outputs[name]!.data, record.outputs[name]!.data];
  const gradient = record.outputs['firstMoment']?.data;
  switch (name) {
    case 'losses':
      return { found: largestRelative(actual, expected), bound: LOSS_BOUND };
    case 'accuracy': // counts, which turn over at a logit of 0
      return null;
    case 'secondMoment':
      return { found: relativeNorm(actual, expected), bound: 2 * GRADIENT_BOUND };
    case 'weights':
    case 'average': {
      // Adam's first step is as long for a gradient of nothing but rounding as for any other. Weighted by the gradient's
      // size, the step is compared where the gradient says something.
      const from = record.inputs[name]!.data;
      const moved = (to: ArrayLike<number>) => Float64Array.from(to, (value, i) => value - from[i]!);
      const found = relativeNorm(moved(actual), moved(expected), (i) => gradient![i]!);
      return { found, bound: GRADIENT_BOUND };
    }
    default:
      return { found: relativeNorm(actual, expected), bound: GRADIENT_BOUND };
  }
}

const percent = (share: number): string =>
  Number.isFinite(share) ? `${(100 * share).toPrecision(2)} %` : 'more than can be said';

/** In what the outputs of a step differ from the reference; null where they agree. */
export function disagreement(record: StepRecord, outputs: HostTensors): string | null {
  const step = steps[record.name] ?? record.name;
  for (const [name, expected] of Object.entries(record.outputs)) {
    const what = `${quantities[name] ?? `"${name}"`} of ${step}`;
    if (outputs[name]?.data.length !== expected.data.length) return `the ${what} are missing`;
    const result = compared(name, record, outputs);
    // also true for what is not a number
    if (result && !(result.found <= result.bound))
      return `the ${what} differ from WebAssembly's by ${percent(result.found)}, more than ${percent(result.bound)}`;
  }
  return null;
}

/** Raised where a backend is too slow to be tested to the end. */
export class CutOff extends Error {}

/**
 * @param limits `milliseconds` after which no further step is begun; `again` runs each step a second time, for its time
 * @returns milliseconds of the steps' last runs
 * @throws AppError `backend_refused`, which names the backend and what differs
 * @throws CutOff
 */
export async function selfTest(
  backend: ComputeBackend,
  reference: readonly StepRecord[],
  { milliseconds = Infinity, again = false }: { milliseconds?: number; again?: boolean } = {},
): Promise<number> {
  const label = `${backend.name} (${backend.provider}, ${backend.device})`;
  const started = performance.now();
  let last = 0;
  for (const record of reference) {
    if (performance.now() - started > milliseconds)
      throw new CutOff(`its self-test took more than ${milliseconds / 1000} s`);
    let why: string | null;
    try {
      const prepared = await backend.prepare(record.name, record.fn, record.inputs);
      why = disagreement(record, await prepared.run(record.inputs));
      const from = performance.now();
      if (again && why === null) await prepared.run(record.inputs);
      last += performance.now() - from;
      await prepared.dispose();
    } catch (cause) {
      const reason = AppError.from(cause).message;
      throw new AppError(
        'backend_refused',
        `The backend ${label} was refused: it failed in its self-test. ${reason}`,
        {
          cause,
        },
      );
    }
    if (why !== null)
      throw new AppError('backend_refused', `The backend ${label} was refused: in its self-test, ${why}.`);
  }
  return last;
}
