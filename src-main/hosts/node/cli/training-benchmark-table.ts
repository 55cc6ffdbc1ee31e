/** What `bench training` found, as a person reads it. */
import type { BenchmarkReport, CaseReport } from '#features/training-benchmark/benchmark-report.ts';
import { table } from './format.ts';

const rounded = (value: number | null, digits: number): string =>
  value === null ? '-' : value.toFixed(digits);
const percent = (share: number | null): string => (share === null ? '-' : `${(100 * share).toFixed(1)} %`);

function row(found: CaseReport): string[] {
  const { name, backend, provider, batch, crop, k, ms, ms_per_iteration: total } = found;
  const left = ms && total !== null ? total - ms.data - ms.generator - ms.detector : null;
  return [
    ...[name, `${backend}/${provider}`, String(batch), String(crop), k === null ? '-' : String(k)],
    rounded(total, 1),
    rounded(total && 1000 / total, 2),
    ...[ms && ms.data, ms && ms.generator, ms && ms.detector, left && Math.max(0, left)].map((part) =>
      rounded(part, 1),
    ),
    rounded(found.gflop_per_iteration, 2),
    rounded(found.gflops, 1),
    percent(found.share_of_matmul),
    rounded(found.peak_mb, 0),
    String(found.iterations),
  ];
}

const head = [
  ...['case', 'backend', 'batch', 'crop', 'k', 'ms', 'a second', 'data', 'generator', 'detector', 'rest'],
  ...['GFLOP', 'GFLOP/s', 'of products', 'peak MB', 'measured'],
];

/** Ceilings, the comparison with WASM, the cases, and what the columns mean. */
export function trainingBenchmarkText(report: BenchmarkReport): string {
  const { machine, ceilings, cases, speedup, failed } = report;
  const parts = [
    `${machine.cpu}, ${machine.cores} processors, ${machine.platform}`,
    table(
      ['matrix products 1024 x 1024 x 1024', 'GFLOP/s', 'device'],
      ceilings.map(({ backend, provider, device, matmul_gflops }) => [
        `${backend}/${provider}`,
        matmul_gflops.toFixed(1),
        device,
      ]),
    ),
  ];
  for (const { case: name, provider, ms, ratio, iterations } of speedup)
    parts.push(
      `${name}, in turns, ${iterations} iterations each: ort/${provider} ${ms.ort.toFixed(1)} ms, ` +
        `wasm ${ms.wasm.toFixed(1)} ms: ${ratio.toFixed(2)} times as fast.`,
    );
  if (cases.length > 0)
    parts.push(
      table(head, cases.map(row)),
      'Times are medians in milliseconds an iteration; data: while no step ran. GFLOP: convolutions and matrix products\n' +
        'of an iteration, counted from the compiled steps; of products: the rate beside that of matrix products on the\n' +
        "same backend. Peak: of the process; a GPU's own memory is not in it.",
    );
  for (const { what, error } of failed)
    parts.push(`${what} failed: ${error.code}: ${error.message}\n${error.hint}`);
  if (report.stopped) parts.push('It was stopped before all was measured.');
  return parts.join('\n\n');
}
