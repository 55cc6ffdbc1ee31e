/** `bench training`: how fast this machine trains. Nothing is kept; scenes that the program renders are trained on. */
import { AppError } from '#contract/errors.ts';
import type { BackendStatus } from '#contract/system.ts';
import { allCases, quickCases } from '#features/training-benchmark/benchmark-cases.ts';
import { benchmarkTarget, type BenchmarkTarget } from '#features/training-benchmark/benchmark-messages.ts';
import { benchmarkTraining, type BenchmarkEvent } from '#features/training-benchmark/training-benchmark.ts';
import { backendStatuses } from '../../../backend-status.ts';
import { benchmarkEntry } from '../../../program-files.ts';
import type { Context } from '../context.ts';
import { exitStatus, type ExitStatus, type Output } from '../output.ts';
import { trainingBenchmarkText } from '../training-benchmark-table.ts';

export interface BenchTrainingOptions {
  quick?: boolean;
  backend?: string | undefined;
  provider?: string | undefined;
  seconds: number;
  threads?: number;
}

/** `software`: a driver that computes on the processor in place of a GPU. */
type Status = BackendStatus & { software?: string | undefined };

/** Whether a backend was asked for. Naming only a provider means ONNX Runtime's. */
const wanted =
  ({ backend, provider, threads }: BenchTrainingOptions) =>
  (status: Status): boolean =>
    (backend === undefined || backend === status.name) &&
    (provider === undefined || (status.name === (backend ?? 'ort') && provider === status.provider)) &&
    // the others always take all processors, which would compare what cannot be compared
    (threads === undefined || status.name === 'ort') &&
    // a GPU that is none takes hours, and is measured where it is named
    (status.software === undefined || provider !== undefined);

/**
 * What is measured, out of what this machine offers.
 * @throws AppError `backend_unavailable` with the reasons, where none of what was asked for is ready
 */
export function targetsOf(statuses: readonly Status[], options: BenchTrainingOptions): BenchmarkTarget[] {
  const asked = statuses.filter(wanted(options));
  const ready = asked.filter((status) => status.ready);
  if (ready.length === 0)
    throw new AppError(
      'backend_unavailable',
      asked.length === 0
        ? 'There is no backend of that name with that provider and that many threads.'
        : asked.map(({ name, provider, reason }) => `${name} on ${provider}: ${reason}.`).join(' '),
    );
  return ready.map(targetOf(options));
}

const targetOf =
  ({ threads }: BenchTrainingOptions) =>
  ({ name: backend, provider }: BackendStatus): BenchmarkTarget =>
    benchmarkTarget.parse({ backend, provider, ...(threads === undefined ? {} : { threads }) });

/** The processor's own ceilings are told in every run, whatever it measures. */
const processorTargets = (statuses: readonly Status[], options: BenchTrainingOptions) =>
  statuses
    .filter(({ name, provider, ready }) => ready && name !== 'cuda' && provider === 'cpu')
    .filter(wanted({ ...options, backend: undefined, provider: undefined }))
    .map(targetOf(options));

const reporter =
  (out: Output) =>
  (event: BenchmarkEvent): void => {
    if (event.stage === 'failed')
      out.note(`${event.what} failed: ${event.error.code}: ${event.error.message}`);
    else if (process.stderr.isTTY) out.status(`${event.done + 1} of ${event.total}: ${event.what}`);
    else out.note(`${event.done + 1} of ${event.total}: ${event.what}`);
  };

export async function benchTrainingVerb(
  { out, signal }: Context,
  options: BenchTrainingOptions,
): Promise<ExitStatus> {
  const statuses = await backendStatuses();
  const targets = targetsOf(statuses, options);
  const report = await benchmarkTraining(
    {
      targets,
      ceilingsOf: processorTargets(statuses, options),
      cases: options.quick ? quickCases : allCases,
      seconds: options.seconds,
    },
    { entry: benchmarkEntry, signal, report: reporter(out) },
  );
  out.emit(report);
  out.print(trainingBenchmarkText(report));
  if (report.failed.length === 0 && !report.stopped) return exitStatus.done;
  return report.cases.some(({ iterations }) => iterations > 0) ? exitStatus.partly : exitStatus.failed;
}
