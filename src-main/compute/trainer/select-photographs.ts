/** What each picture of a run is to its training, said in the run's log. */
import { AppError } from '#contract/errors.ts';
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import type { RunLogEntry } from '#contract/training-run.ts';
import type { TrainingPhotographs } from '#engine/ports.ts';
import { sampleCounts } from '#engine/training/sample-counts.ts';
import type { TrainingConfig } from '#engine/training/training-config.ts';
import {
  declaresGenerated,
  memoryOf,
  selectKnownFakes,
  unusableReasons,
  type KnownFakeSelection,
  type UnusableReason,
} from './known-fake-source.ts';
import { firstOf, photographSource } from './photographs.ts';
import { PixelCache } from './pixel-cache.ts';

/** How many places of a batch known fakes take on average, where there are any. */
const placesForKnownFakes = (config: TrainingConfig): number =>
  sampleCounts(config).drawn * config.knownFakeShare;

/** Whether known fakes may have joined the training: there are places, and pictures that say what of them is simulated. */
export const trainedOnKnownFakes = (all: readonly TrainerPhotograph[], config: TrainingConfig): boolean =>
  placesForKnownFakes(config) > 0 &&
  all.some(
    ({ split, label, maskPath, category }) =>
      split === 'train' && label === 'simulated' && (maskPath !== null || declaresGenerated(category)),
  );

export type Log = (level: RunLogEntry['level'], code: string, message: string) => void;

/** The photographs that a run is validated with. */
export const validationPhotographs = (all: readonly TrainerPhotograph[]): TrainerPhotograph[] =>
  all.filter(({ split, label }) => split === 'validation' && label === 'real');

/**
 * The photographs that training draws from. Of the training split:
 *
 * - `real`: the real class, and the hosts of blends.
 * - `reference`: lends foreign regions to blends. It may be a real or a simulated picture; it is never shown as real.
 * - `simulated`: known fakes (`selectKnownFakes`), where the configuration gives them places.
 *
 * Errors: `dataset_too_small`, and those of `selectKnownFakes`.
 */
export async function selectPhotographs(
  all: readonly TrainerPhotograph[],
  config: TrainingConfig,
  log: Log,
  cache = new PixelCache(),
): Promise<TrainingPhotographs> {
  const training = all.filter(({ split }) => split === 'train');
  const labelled = (label: TrainerPhotograph['label']) => training.filter((p) => p.label === label);
  const [real, references, unlabelled] = [labelled('real'), labelled('reference'), labelled('unlabelled')];
  if (unlabelled.length > 0)
    log(
      'warning',
      'items_unused',
      `Pictures without a label, which training does not use: ${unlabelled.length}.`,
    );
  if (real.length < 2)
    throw new AppError(
      'dataset_too_small',
      `Training needs at least 2 real photographs in its training split; there are ${real.length}.`,
    );
  const lending = [...real, ...references];
  const simulated = labelled('simulated');
  const places = placesForKnownFakes(config);
  if (simulated.length > 0 && places === 0)
    log('info', 'known_fakes', `Known fakes do not join (${simulated.length}): no places are kept for them.`);
  const fakes = places === 0 ? [] : simulated;
  const sharing = lending.length + memoryOf(fakes);
  const selection = await selectKnownFakes(fakes, { crop: config.crop, sharing, cache });
  if (fakes.length > 0) report(selection, places, log);
  const foreign = photographSource(lending, { sharing, cache });
  return {
    real: firstOf(foreign, real.length),
    foreign,
    ...(selection.joining.length > 0 ? { knownFakes: selection.source } : {}),
  };
}

function report({ joining, unusable }: KnownFakeSelection, places: number, log: Log): void {
  if (joining.length > 0) {
    const masked = joining.filter(({ maskPath }) => maskPath !== null).length;
    log(
      'info',
      'known_fakes',
      `Known fakes that join: ${joining.length} (${byCategory(joining)}), ${masked} of them with masks. They take ` +
        `${Number(places.toFixed(2))} places of drawn blends in a batch on average.`,
    );
  }
  for (const [reason, pictures] of Object.entries(unusable))
    if (pictures.length > 0)
      log(
        'warning',
        'known_fakes_unused',
        `Known fakes that do not join, as they ${unusableReasons[reason as UnusableReason]}: ${pictures.length} (${byCategory(pictures)}).`,
      );
}

/** "12 splice, 3 without a category", the most frequent first. */
function byCategory(photographs: readonly TrainerPhotograph[]): string {
  const groups = Map.groupBy(photographs, ({ category }) => category ?? 'without a category');
  return [...groups]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([category, { length }]) => `${length} ${category}`)
    .join(', ');
}
