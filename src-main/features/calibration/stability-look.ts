/**
 * A look at the stability of a verdict: which pictures are worth one, the picture judged anew after every change, and what that
 * says of the verdict. The first two may be done on another machine than the last.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ModelCalibration } from '#contract/calibration.ts';
import type { VerdictLabel } from '#contract/detection.ts';
import { AppError } from '#contract/errors.ts';
import type { StabilityLook } from '#contract/judge-messages.ts';
import type { Stability, StabilityWhen } from '#contract/stability.ts';
import type { Judge } from '#compute/judging/judge-host.ts';
import { stabilityChanges, unweighed, weighStability } from './stability.ts';

/** Failures that the next picture would meet as well. */
const endsAll = new Set(['cancelled', 'disk_full']);

/** @param verdict as it would be without a look */
export const worthALook = (when: StabilityWhen, verdict: VerdictLabel): boolean =>
  when === 'always' || (when === 'verdicts' && verdict !== 'inconclusive');

/**
 * What keeps the changed pictures from being judged is told beside, as it speaks against the verdict and not the picture.
 * @throws AppError `cancelled`, `disk_full`
 */
export async function lookAtStability(
  judge: Judge,
  picture: { file: string; name: string },
  options: { signal?: AbortSignal; progress?: (done: number, total: number) => void },
): Promise<StabilityLook> {
  const begun = performance.now();
  const ms = (): number => performance.now() - begun;
  try {
    const changed = await judge.judgeChanges({ ...picture, changes: [...stabilityChanges] }, options);
    return { changed, problem: '', ms: ms() };
  } catch (cause) {
    const error = AppError.from(cause);
    if (endsAll.has(error.code)) throw error;
    return { changed: [], problem: error.message, ms: ms() };
  }
}

/** What a look says of a verdict. */
export function weighLook(
  { changed, problem, ms }: StabilityLook,
  of: { verdict: VerdictLabel; calibration: ModelCalibration | null; rendered: boolean },
): Stability {
  const changes = changed.map(({ change }) => change);
  if (problem === '' && isDeepStrictEqual(changes, stabilityChanges))
    return weighStability({ ...of, changed, ms });
  const why = problem === '' ? 'it was judged after other changes than those of the rule.' : problem;
  return unweighed(why, { ...of, ms });
}
