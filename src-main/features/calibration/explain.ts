/** Why a picture got its score, with the validation pictures that it is most like. Pure. */
import type { Explanation, ScoreParts } from '#contract/explanation.ts';
import type { ModelPassport } from '#contract/model.ts';
import { featureDistance } from '#engine/evaluation/feature-density.ts';

/** Raised with every change of how it is made. */
export const EXPLANATION_VERSION = 1;
const MOST_NEAREST = 5;

export type Neighbour = Omit<Explanation['nearest'][number], 'name'>;

/** Empty where the model keeps no validation pictures, or no covariance to measure distances by. */
export function nearestReferences(
  { references, calibration }: Pick<ModelPassport, 'references' | 'calibration'>,
  features: readonly number[],
): Neighbour[] {
  const factor = calibration?.density?.factor;
  if (!factor) return [];
  return references
    .map(({ features: mean, ...about }) => ({
      ...about,
      distance: featureDistance({ mean, factor }, features),
    }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST_NEAREST);
}

/** @param nameOf what the workspace calls the photograph of that hash */
export const explain = (
  parts: ScoreParts,
  nearest: readonly Neighbour[],
  {
    tileSize,
    patches,
    nameOf,
  }: { tileSize: number; patches: number; nameOf: (sha256: string) => string | null },
): Explanation => ({
  version: EXPLANATION_VERSION,
  parameters: { tileSize, patches },
  ...parts,
  nearest: nearest.map((one) => ({ ...one, name: nameOf(one.photograph) })),
});
