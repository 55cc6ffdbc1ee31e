/** Two models on the same pictures: the paired test of their AUCs, and every picture on which their verdicts differ. */
import type { EvaluatedPicture } from '#contract/evaluation.ts';
import type { VerdictLabel } from '#contract/detection.ts';
import { pairedAuc, type PairedAuc } from '#engine/evaluation/paired-auc.ts';

export interface VerdictChange {
  path: string;
  simulated: boolean;
  from: VerdictLabel;
  to: VerdictLabel;
}
export interface Comparison {
  /** Pictures that both judged. */
  pictures: number;
  /** DeLong's test with components summed by group; null with fewer than two groups of either label. */
  auc: PairedAuc | null;
  changes: VerdictChange[];
}

type Compared = Pick<EvaluatedPicture, 'path' | 'simulated' | 'score' | 'group' | 'verdict'>;

/** Pictures are matched by their path in the manifest. */
export function compareRows(first: readonly Compared[], second: readonly Compared[]): Comparison {
  const byPath = new Map(second.map((row) => [row.path, row]));
  const pairs = first.flatMap((before) => {
    const after = byPath.get(before.path);
    return after ? [{ before, after }] : [];
  });
  return {
    pictures: pairs.length,
    auc: pairedAuc(
      pairs.map(({ before }) => before.score),
      pairs.map(({ after }) => after.score),
      pairs.map(({ before }) => Number(before.simulated)),
      pairs.map(({ before }) => before.group),
    ),
    changes: pairs
      .filter(({ before, after }) => before.verdict !== after.verdict)
      .map(({ before, after }) => ({
        path: before.path,
        simulated: before.simulated,
        from: before.verdict,
        to: after.verdict,
      })),
  };
}
