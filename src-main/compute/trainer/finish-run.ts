/** The end of a run: its detector is exported, the exported file validated and calibrated, and the result written into its passport. */
import type { ModelPassport } from '#contract/model.ts';
import type { FromTrainer, TrainerPhotograph, TrainerStart } from '#contract/trainer-messages.ts';
import { stateToExport } from '#engine/training/evaluation-history.ts';
import type { TrainingState } from '#engine/training/training-state.ts';
import { openDetector } from '#inference/detector-session.ts';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileWhole } from '../write-file.ts';
import { describeModel, traceDetector, writeDetector, type Measured } from './export-detector.ts';
import type { Log } from './select-photographs.ts';
import { validateDetector } from './validate-detector.ts';

/** What a passport says where its step was chosen. */
const CHOSEN_STEP =
  'The exported step was chosen by its loss on crops of the validation photographs, so that the figures measured on these ' +
  'photographs may be slightly too good.';

/** @param state of the last step @param photographs real ones of the validation split */
export async function finishRun(
  start: TrainerStart,
  state: TrainingState,
  photographs: readonly TrainerPhotograph[],
  { send, log }: { send: (message: FromTrainer) => void; log: Log },
): Promise<void> {
  const createdAt = Date.now();
  const path = join(start.directory, 'model.onnx');
  const candidate = join(start.directory, 'candidate.onnx');
  const exported = stateToExport(state);
  const describe = (measured: Measured | null): ModelPassport => {
    const passport = describeModel(start, exported, measured, createdAt);
    return state.bestDetector ? { ...passport, limits: [...passport.limits, CHOSEN_STEP] } : passport;
  };
  log('info', 'exporting', sentence(state, exported));
  const graph = await traceDetector(exported);
  await writeFileWhole(candidate, writeDetector(graph, describe(null)));
  const detector = await openDetector(candidate);
  let tenth = 0;
  const { seed } = state;
  const { rendered } = start;
  const measured = await validateDetector(detector, photographs, { seed, rendered }, (n, total) => {
    if (Math.floor((10 * n) / total) <= tenth) return;
    tenth = Math.floor((10 * n) / total);
    log('info', 'validating', `Validation: ${n} of ${total} photographs judged.`);
  });
  await detector.dispose();
  const passport = describe(measured);
  await writeFileWhole(path, writeDetector(graph, passport));
  await rm(candidate, { force: true });
  send({ type: 'done', step: state.detectorStep, model: { path, passport } });
}

function sentence({ bestDetector, evaluations }: TrainingState, exported: TrainingState): string {
  const { count, best } = evaluations;
  const what = `The averaged detector of step ${exported.detectorStep} is written as ONNX`;
  if (!bestDetector || !best) return `${what}.`;
  return `${what}: the best of ${count} evaluations (validation loss ${best.loss.toFixed(3)}, AUC ${best.auc.toFixed(3)}).`;
}
