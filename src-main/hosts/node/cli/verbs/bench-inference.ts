/** `bench inference`: how fast pictures are judged in bulk. Nothing is kept. */
import { benchmarkInference, type InferenceCase } from '#features/inference-benchmark/inference-benchmark.ts';
import type { Context } from '../context.ts';
import { table } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

const head = [
  ...['case', 'provider', 'tiles/s', 'photographs/min', 'in ONNX Runtime', 'GFLOP/s', 'of products'],
  ...['peak MB', 'growth MB'],
];
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const row = (found: InferenceCase): string[] => [
  ...[found.name, found.provider, found.tiles_per_second.toFixed(0), found.photographs_per_minute.toFixed(1)],
  ...[percent(found.share_in_runtime), found.gflops.toFixed(1), percent(found.share_of_matmul)],
  ...[found.peak_mb, found.growth_mb].map((value) => (value === null ? '-' : value.toFixed(0))),
];

export async function benchInferenceVerb(
  { out, signal }: Context,
  options: { photographs: number; many: number },
): Promise<ExitStatus> {
  const report = await benchmarkInference({ ...options, signal, report: (text) => out.note(text) });
  out.emit(report);
  const { machine, matmul_gflops: matmul, gflop_per_tile: each, cases } = report;
  out.print(`${machine.cpu}, ${machine.cores} processors, ${machine.platform}`);
  out.print(`Matrix products: ${matmul.toFixed(1)} GFLOP/s. A tile: ${(1000 * each).toFixed(1)} MFLOP.`);
  out.print(table(head, cases.map(row)));
  out.print(
    'Work is counted from the exported graph (convolutions and matrix products); times are of whole triage runs, from the\n' +
      'end of the first picture to that of the last. Growth: what the judging process held at the end less what it held\n' +
      'after a tenth of the pictures. Where time grows linearly with the size, tiles a second are the same for all sizes.',
  );
  return exitStatus.done;
}
