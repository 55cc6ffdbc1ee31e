/** The periodic evaluation of a run, on those of its validation photographs that are large enough for a crop. */
import { AppError } from '#contract/errors.ts';
import type { TrainerPhotograph, TrainerStart } from '#contract/trainer-messages.ts';
import type { ComputeBackend } from '#engine/ports.ts';
import { LEAST_EVALUATION_PHOTOGRAPHS, PeriodicEvaluation } from '#engine/training/periodic-evaluation.ts';
import type { TrainingState } from '#engine/training/training-state.ts';
import { probePhotograph } from '../decoding/decode-photograph.ts';
import { jpegCodec } from './jpeg-codec.ts';
import { photographSource } from './photographs.ts';
import type { Log } from './select-photographs.ts';

/** More photographs than this take long to decode and add little to a few dozen crops. */
const MOST_PHOTOGRAPHS = 200;

async function largeEnough(
  photographs: readonly TrainerPhotograph[],
  crop: number,
): Promise<TrainerPhotograph[]> {
  const usable: TrainerPhotograph[] = [];
  for (const photograph of photographs) {
    const { width, height } = await probePhotograph(photograph.path);
    if (Math.min(width, height) >= crop) usable.push(photograph);
    if (usable.length === MOST_PHOTOGRAPHS) break;
  }
  return usable;
}

/**
 * Null, with a warning in the log, where there are too few photographs for it.
 * @param photographs real ones of the validation split
 * @throws AppError `dataset_too_small` where the run's end depends on its evaluations
 */
export async function openEvaluation(
  { stop }: Pick<TrainerStart, 'stop'>,
  state: TrainingState,
  parts: { backend: ComputeBackend; photographs: readonly TrainerPhotograph[]; log: Log },
): Promise<PeriodicEvaluation | null> {
  const usable = await largeEnough(parts.photographs, state.config.crop);
  if (usable.length >= LEAST_EVALUATION_PHOTOGRAPHS)
    return PeriodicEvaluation.begin(state, {
      backend: parts.backend,
      photographs: photographSource(usable),
      codec: jpegCodec,
    });
  const why =
    `Evaluations need at least ${LEAST_EVALUATION_PHOTOGRAPHS} real photographs in the validation split that are as ` +
    `large as a crop (${state.config.crop} pixels); there are ${usable.length}.`;
  if (stop.patience !== undefined)
    throw new AppError('dataset_too_small', why, {
      hint: 'Add photographs to the dataset, or let the run end after steps or minutes instead.',
    });
  parts.log('warning', 'no_evaluations', `${why} The run has no validation curve.`);
  return null;
}
