/** Performs steps one after another, takes their time, and ends the list at the first that fails. */
import type { Checklist, Step } from './steps.ts';

export interface StepResult {
  title: string;
  state: 'passed' | 'failed' | 'not run';
  seconds: number;
  /** What was seen, or what was wrong. */
  seen: string;
}

export const notRun = (list: readonly Step[]): StepResult[] =>
  list.map(({ title }) => ({ title, state: 'not run', seconds: 0, seen: '' }));

/** @param tell hears of each as it ends */
export async function performSteps(
  list: readonly Step[],
  on: Checklist,
  tell: (result: StepResult) => void,
): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const [at, { title, perform }] of list.entries()) {
    const begun = performance.now();
    const [state, seen] = await perform(on).then(
      (text) => ['passed', text] as const,
      (cause: unknown) => ['failed', cause instanceof Error ? cause.message : String(cause)] as const,
    );
    const result = { title, state, seconds: Math.round((performance.now() - begun) / 100) / 10, seen };
    results.push(result);
    tell(result);
    if (state === 'failed') return [...results, ...notRun(list.slice(at + 1))];
  }
  return results;
}
