/**
 * How long each analysis takes on a JPEG of 24 megapixels, beside the time of decoding it in the same process, and how much memory
 * its process holds at the most. The picture is a rendered scene, enlarged, with noise, saved at quality 90. An analysis that compares
 * pictures gets the fewest that it takes, of the same size.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { analysisLimits, AnalysisProcess } from '#compute/analysis/analysis-process.ts';
import type { ReferenceFile } from '#analysis/open-picture.ts';
import { analysisNames, loadAnalysis } from '#analysis/registry.ts';
import { measuredCase, type MeasuredCase, type MeasuredReport } from '#features/measurement/measured-case.ts';
import { thisMachine } from '#features/method-study/provenance.ts';
import { largeScene } from '#features/samples/large-scene.ts';

const [width, height] = [6000, 4000];
/** What an analysis is held against: 3 seconds and 1.5 GB. */
const limits = { seconds: 3, megabytes: 1500 };

/** @throws AppError `cancelled` */
export async function benchmarkAnalyses(options: {
  signal: AbortSignal;
  report: (text: string) => void;
}): Promise<MeasuredReport> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pentimento-bench-'));
  try {
    const { file } = await writePicture(folder, 1);
    const others: ReferenceFile[] = [];
    const cases: MeasuredCase[] = [];
    for (const name of analysisNames) {
      options.report(name);
      const { references } = await loadAnalysis(name);
      const needed = references?.least ?? 0;
      while (others.length < needed) others.push(await writePicture(folder, others.length + 2));
      cases.push(...(await measure(name, file, others.slice(0, needed), options.signal)));
    }
    return { machine: thisMachine(), cases };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** In a process of its own, so that its memory is told apart. */
async function measure(
  analysis: string,
  file: string,
  references: readonly ReferenceFile[],
  signal: AbortSignal,
): Promise<MeasuredCase[]> {
  const process = new AnalysisProcess({ limits: { timeoutMs: 5 * analysisLimits.timeoutMs } });
  try {
    const request = { file, path: 'picture.jpg', analysis, parameters: {}, references };
    const { state, ms, peakBytes } = await process.analyse(request, signal);
    if (state !== 'ran') return [];
    return [
      ...(references.length === 0
        ? [measuredCase(analysis, ms.run / 1000, 's', limits.seconds)]
        : [measuredCase(`${analysis}: with ${references.length} references`, ms.run / 1000, 's', null)]),
      measuredCase(`${analysis}: maps as PNG`, ms.encode / 1000, 's', null),
      ...(ms.decode > 1
        ? [measuredCase(`${analysis}: beside decoding`, ms.run / 1000, 's', ms.decode / 1000)]
        : []),
      measuredCase(`${analysis}: memory`, peakBytes / 1e6, 'MB', limits.megabytes),
    ];
  } finally {
    await process.close();
  }
}

async function writePicture(folder: string, seed: number): Promise<ReferenceFile> {
  const file = path.join(folder, `picture-${seed}.jpg`);
  const bytes = await largeScene(width, height, seed);
  await writeFile(file, bytes);
  return { file, path: path.basename(file), sha256: createHash('sha256').update(bytes).digest('hex') };
}
