/** Whether a picture lies outside what a model was validated on, each way in which it does as a clause. */
import type { ModelCalibration, TierCalibration } from '#contract/calibration.ts';
import { tierOf } from '#engine/evaluation/compression-tier.ts';
import { featureDistance } from '#engine/evaluation/feature-density.ts';
import { isColourValidated, validatedSizes } from '#engine/evaluation/validated-domain.ts';
import type { JudgedPicture } from './judged-picture.ts';

/** The score of fewer tiles is a single draw, unlike those of the pictures that the model was validated on. */
export const MINIMUM_TILES = 4;

export const tierWords: Record<TierCalibration['tier'], string> = {
  lossless: 'PNG',
  jpeg_high: 'JPEG of quality 85 or more',
  jpeg_medium: 'JPEG of quality 70 to 84',
};

const count = (value: number): string => value.toLocaleString('en-GB');

/** "JPEG of quality 60", "WEBP" */
const savedAs = ({ format, quality }: JudgedPicture): string =>
  `${format.toUpperCase()}${quality === null ? '' : ` of quality ${quality}`}`;

/** The calibration of the picture's compression tier; null where the model has none. */
export const tierFor = (
  { tiers }: ModelCalibration,
  { format, quality }: JudgedPicture,
): TierCalibration | null => tiers.find(({ tier }) => tier === tierOf(format, quality)) ?? null;

/** Empty where the picture lies inside. `features` are those of `pictureFeatures`. */
export function outsideValidation(
  calibration: ModelCalibration,
  { picture, tiles, features }: { picture: JudgedPicture; tiles: number; features: readonly number[] },
): string[] {
  const { domain, density, tiers } = calibration;
  const sizes = validatedSizes(domain);
  const size = picture.width * picture.height;
  const clauses: string[] = [];
  if (tierFor(calibration, picture) === null)
    clauses.push(
      `it was saved as ${savedAs(picture)}, and the validation pictures as ${tiers.map(({ tier }) => tierWords[tier]).join(', ')}`,
    );
  if (size < sizes.from || size > sizes.to)
    clauses.push(
      `it has ${count(size)} pixels, and the validation covers ${count(sizes.from)} to ${count(sizes.to)}`,
    );
  if (tiles < MINIMUM_TILES)
    clauses.push(
      `it holds only ${tiles === 1 ? 'one tile' : `${tiles} tiles`} of the ${MINIMUM_TILES} needed`,
    );
  if (!isColourValidated(domain, picture.grey))
    clauses.push(
      picture.grey
        ? 'it has no colour, and too few validation photographs were without'
        : 'it has colour, and too few validation photographs had any',
    );
  if (domain.rendered !== picture.rendered)
    clauses.push(
      domain.rendered
        ? 'the model knows only scenes that this program rendered, and the picture is none'
        : 'the picture is a scene that this program rendered, and the model knows photographs',
    );
  if (density) {
    const distance = featureDistance(density, features);
    if (distance > density.limit)
      clauses.push(
        `its frequencies and the detector's maps of it are unlike those of the validation pictures ` +
          `(distance ${distance.toFixed(1)}; 99 in 100 of those keep within ${density.limit.toFixed(1)})`,
      );
  }
  return clauses;
}
