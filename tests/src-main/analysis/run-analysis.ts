/** Runs one analysis on bytes, in this process, with its results as the program would keep them. */
import { createHash } from 'node:crypto';
import type { Analysis, AnalysisLists, Findings } from '#analysis/analysis.ts';
import { openPicture, referencePicture } from '#analysis/open-picture.ts';
import { checkedParameters } from '#compute/analysis/perform-analysis.ts';
import type { AnalysisParameters } from '#contract/analysis.ts';
import { write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

/** The findings, before anything is encoded; what `run` throws is thrown. */
export async function runAnalysis(
  analysis: Analysis,
  bytes: Uint8Array,
  parameters: AnalysisParameters = {},
  name = 'picture',
  references: readonly Uint8Array[] = [],
  lists: AnalysisLists = {},
): Promise<Findings> {
  const folder = temporaryFolder();
  const picture = await openPicture(write(folder, name, bytes));
  const compared = references.map((one, i) => {
    const sha256 = createHash('sha256').update(one).digest('hex');
    return referencePicture({ file: write(folder, `reference-${i}`, one), path: `reference-${i}`, sha256 });
  });
  const checked = checkedParameters(analysis, parameters);
  return analysis.run(picture, checked, new AbortController().signal, compared, lists);
}
