/** The same file gives the same findings, maps and details, of every analysis that there is, bit for bit. */
import { expect, test } from 'vitest';
import { NotRun, type Analysis, type Findings } from '#analysis/analysis.ts';
import { loadAnalyses } from '#analysis/registry.ts';
import { cameras } from '#features/samples/camera.ts';
import { runAnalysis } from './run-analysis.ts';
import { asJpeg, photographer } from './scene-photographs.ts';

const outcome = (
  analysis: Analysis,
  bytes: Uint8Array,
  references: readonly Uint8Array[],
): Promise<Findings | string> =>
  runAnalysis(analysis, bytes, {}, 'picture', references.slice(0, analysis.references?.least ?? 0)).catch(
    (error: unknown) => {
      if (error instanceof NotRun) return error.message;
      throw error;
    },
  );

test('every analysis finds the same in the same photograph a second time', async () => {
  const take = photographer(cameras[0]!, 320, 240);
  const bytes = await asJpeg(take(3), 90);
  const references = await Promise.all(Array.from({ length: 12 }, (_, seed) => asJpeg(take(4 + seed), 90)));
  const ran: string[] = [];
  for (const analysis of await loadAnalyses()) {
    const first = await outcome(analysis, bytes, references);
    expect(await outcome(analysis, bytes, references), analysis.name).toEqual(first);
    if (typeof first !== 'string') ran.push(analysis.name);
  }
  expect(ran).toContain('camera-pattern');
  expect(ran.length).toBeGreaterThan(15);
});
