/** `bench analysis`: time and memory of every analysis on a JPEG of 24 megapixels. Nothing is kept. */
import { benchmarkAnalyses } from '#features/analysis-benchmark/analysis-benchmark.ts';
import type { Context } from '../context.ts';
import { table } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

export async function benchAnalysisVerb({ out, signal }: Context): Promise<ExitStatus> {
  const report = await benchmarkAnalyses({ signal, report: (text) => out.status(text) });
  out.emit(report);
  const { cpu, cores, platform } = report.machine;
  out.print(`${cpu}, ${cores} processors, ${platform}`);
  out.print(
    table(
      ['case', 'value', 'unit', 'held against', 'ratio'],
      report.cases.map(({ name, value, unit, ceiling, ratio }) => [
        ...[name, value.toFixed(2), unit],
        ceiling === null ? '-' : ceiling.toFixed(2),
        ratio === null ? '-' : ratio.toFixed(2),
      ]),
    ),
  );
  out.print(
    'Times are held against 3 seconds and, beside decoding, against the time in which the same process decoded the picture;\n' +
      'memory, the most that the process held with Node.js itself, against 1500 MB.',
  );
  return exitStatus.done;
}
