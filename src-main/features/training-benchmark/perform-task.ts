/** What a process of the benchmark does: one measurement. */
import type { z } from 'zod';
import { openBackend } from '#compute/backends/backend-statuses.ts';
import { createOrtBackend } from '#compute/backends/ort.ts';
import type { ComputeBackend } from '#engine/ports.ts';
import type { TrainingConfig } from '#engine/training/training-config.ts';
import type {
  BenchmarkTarget,
  BenchmarkTask,
  comparison,
  rate,
  timesFound,
  workFound,
} from './benchmark-messages.ts';
import { counting } from './counting-backend.ts';
import { matrixProductRate } from './matrix-products.ts';
import { peakMegabytes } from '#compute/peak-memory.ts';
import { openCase, type IterationTimes, type PreparedCase } from './prepared-case.ts';
import { median, repeat } from './repeat.ts';

type TaskOf<Name extends BenchmarkTask['task']> = Extract<BenchmarkTask, { task: Name }>;

const openTarget = ({ backend, provider, threads }: BenchmarkTarget): Promise<ComputeBackend> =>
  threads === undefined ? openBackend({ backend, provider }) : createOrtBackend({ provider, threads });

/** `work` on the backend, which is disposed of afterwards. */
async function on<T>(target: BenchmarkTarget, work: (backend: ComputeBackend) => Promise<T>): Promise<T> {
  const backend = await openTarget(target);
  try {
    return await work(backend);
  } finally {
    await backend.dispose();
  }
}

/** `work` on an opened case, which is closed afterwards. */
async function closing<T>(opened: PreparedCase, work: (iterate: PreparedCase['iterate']) => Promise<T>) {
  try {
    return await work(() => opened.iterate());
  } finally {
    await opened.close();
  }
}

/** @param overrides checked where the configuration is resolved */
const open = (
  { overrides, photographs }: TaskOf<'count'> | TaskOf<'measure'> | TaskOf<'compare'>,
  backend: ComputeBackend,
) => openCase({ overrides: overrides as Partial<TrainingConfig> | null }, backend, photographs);

const measureCeiling = ({ target }: TaskOf<'ceiling'>): Promise<z.infer<typeof rate>> =>
  on(target, async (backend) => ({ gflops: await matrixProductRate(backend), device: backend.device }));

/** The work of one iteration, the same on every backend. */
async function countIteration(task: TaskOf<'count'>): Promise<z.infer<typeof workFound>> {
  const { backend, take } = counting();
  return closing(await open(task, backend), async (iterate) => {
    take(); // what was done before the first iteration
    await iterate();
    return take();
  });
}

const measureCase = (task: TaskOf<'measure'>): Promise<z.infer<typeof timesFound>> =>
  on(task.target, async (backend) => {
    const rounds = await closing(await open(task, backend), (iterate) => repeat(iterate, task.seconds));
    const over = (part: keyof IterationTimes): number => median(rounds.map((times) => times[part]));
    return {
      iterations: rounds.length,
      total: over('total'),
      data: over('data'),
      generator: over('generator'),
      detector: over('detector'),
      peakMegabytes: peakMegabytes(),
    };
  });

/** Two backends in one process, iteration by iteration in turns, so that what else the machine does slows both alike. */
const compareBackends = (task: TaskOf<'compare'>): Promise<z.infer<typeof comparison>> =>
  on(task.first, (firstBackend) =>
    on(task.second, async (secondBackend) => {
      const rounds = await closing(await open(task, firstBackend), async (first) =>
        closing(await open(task, secondBackend), (second) =>
          repeat(async () => [await first(), await second()] as const, task.seconds),
        ),
      );
      const totals = (which: 0 | 1): number => median(rounds.map((round) => round[which].total));
      return { iterations: rounds.length, first: totals(0), second: totals(1) };
    }),
  );

/** @throws AppError, and whatever the backend throws */
export async function performTask(task: BenchmarkTask): Promise<unknown> {
  switch (task.task) {
    case 'ceiling':
      return measureCeiling(task);
    case 'count':
      return countIteration(task);
    case 'measure':
      return measureCase(task);
    case 'compare':
      return compareBackends(task);
  }
}
