/** Runs one analysis on bytes, in this process, with its results as the program would keep them. */
import type { Analysis, Findings } from '#analysis/analysis.ts';
import { openPicture } from '#analysis/open-picture.ts';
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
): Promise<Findings> {
  const picture = await openPicture(write(temporaryFolder(), name, bytes));
  return analysis.run(picture, checkedParameters(analysis, parameters), new AbortController().signal);
}
