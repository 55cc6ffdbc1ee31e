/** `bench store`: how fast evidence is taken in and a large case is read. Nothing is kept. */
import { benchmarkStore } from '#features/store-benchmark/store-benchmark.ts';
import type { Context } from '../context.ts';
import { measuredText } from '../measured-text.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

const quickSizes = [100, 1000];
const fullSizes = [1000, 10_000, 100_000];

export async function benchStoreVerb(
  { out, signal }: Context,
  options: { quick?: boolean },
): Promise<ExitStatus> {
  const sizes = options.quick ? quickSizes : fullSizes;
  const report = await benchmarkStore({ sizes, signal, report: (text) => out.note(text) });
  out.emit(report);
  out.print(measuredText(report, { value: 1, ratio: 3 }));
  out.print(
    "Rates are held against SQLite's own, inserting rows of 1 KB in transactions of as many, flushed like those of an\n" +
      'intake; the rate of the last tenth against that of the first. Times and memory are held against their limits.',
  );
  return exitStatus.done;
}
