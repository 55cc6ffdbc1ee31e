/** `bench analysis`: time and memory of every analysis on a JPEG of 24 megapixels. Nothing is kept. */
import { benchmarkAnalyses } from '#features/analysis-benchmark/analysis-benchmark.ts';
import type { Context } from '../context.ts';
import { measuredText } from '../measured-text.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

export async function benchAnalysisVerb({ out, signal }: Context): Promise<ExitStatus> {
  const report = await benchmarkAnalyses({ signal, report: (text) => out.status(text) });
  out.emit(report);
  out.print(measuredText(report, { value: 2, ratio: 2 }));
  out.print(
    'Times are held against 3 seconds and, beside decoding, against the time in which the same process decoded the picture;\n' +
      'memory, the most that the process held with Node.js itself, against 1500 MB.',
  );
  return exitStatus.done;
}
