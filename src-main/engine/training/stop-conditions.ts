/**
 * When a run ends by itself. The first condition that is met ends it; at least one must be given.
 *
 * Steps and minutes are expected ends: how far a run has come towards the nearer of them sets its learning rate. The other
 * two are open: nobody knows when they will be met. A run with open conditions alone has no expected end
 * (`openEndedSchedule`); beside an expected end they cut the run short and leave its schedule as it is.
 */
export interface StopConditions {
  /** Detector steps. */
  steps?: number | undefined;
  /** Minutes of training, over all resumptions. */
  minutes?: number | undefined;
  /** The detector's total loss, averaged over the steps between two points of the curves, lies below this. */
  lossBelow?: number | undefined;
  /** So many evaluations in a row brought no lower validation loss than the best before them. */
  patience?: number | undefined;
}

export type StopReason = keyof StopConditions;

/** How far a run has come. */
export interface RunProgress {
  /** Detector steps. */
  step: number;
  /** Of training. */
  seconds: number;
  /** The averaged total loss of the detector where a point of the curves was reached just now, null elsewhere. */
  loss: number | null;
  /** Evaluations since the best one. */
  evaluationsSinceBest: number;
}

/** Share of the run that is done, [0, 1], by the nearer of the expected ends; null where there is none. */
export function shareDone(
  { steps, minutes }: StopConditions,
  { step, seconds }: Pick<RunProgress, 'step' | 'seconds'>,
): number | null {
  if (steps === undefined && minutes === undefined) return null;
  const bySteps = steps === undefined ? 0 : step / steps;
  const byTime = minutes === undefined ? 0 : seconds / (minutes * 60);
  return Math.min(1, Math.max(bySteps, byTime));
}

/** Why the run ends now; null where it goes on. */
export function stopReason(stop: StopConditions, progress: RunProgress): StopReason | null {
  const { step, seconds, loss, evaluationsSinceBest } = progress;
  if (stop.steps !== undefined && step >= stop.steps) return 'steps';
  if (stop.minutes !== undefined && seconds >= stop.minutes * 60) return 'minutes';
  if (stop.lossBelow !== undefined && loss !== null && loss < stop.lossBelow) return 'lossBelow';
  if (stop.patience !== undefined && evaluationsSinceBest >= stop.patience) return 'patience';
  return null;
}
