/** How a verdict held under small changes, as `detect` prints it. */
import { changeWords, outcomeWords, type Stability } from '#contract/stability.ts';
import { table } from './format.ts';

const indented = (text: string): string => text.replaceAll(/^/gm, ' '.repeat(14));

export function stabilityText({ reason, rows }: Stability): string {
  if (rows.length === 0) return indented(reason);
  const cells = rows.map((row) => [
    changeWords(row),
    row.score === null ? '-' : row.score.toFixed(2),
    row.llr === null ? '-' : row.llr.toFixed(2),
    row.outcome ? outcomeWords[row.outcome] : '',
  ]);
  return indented(`${reason}\n${table(['when the picture is', 'score', 'llr', 'the verdict'], cells)}`);
}
