/** The curves of power by frequency of reference pictures, as bands that a picture's own curve lies in or not. */
import { AppError } from '#contract/errors.ts';
import { NotRun, type Findings, type ReferencePicture } from '../analysis.ts';
import { lumaPlane } from '../luma.ts';
import { medianResidual } from '../mathematics/median-residual.ts';
import { quantile } from '../mathematics/quantile.ts';
import { azimuthalCurve, curvePoints, meanSpectra } from './mean-spectra.ts';

/** Of each frequency of a curve, over the pictures. */
export interface Band extends Record<string, number[]> {
  least: number[];
  lowest5: number[];
  median: number[];
  highest5: number[];
  most: number[];
}
export interface ReferenceBands {
  pictures: number;
  unusable: number;
  azimuthal: Band;
  azimuthalResidual: Band;
}

/** Pictures that are needed, and their least side in pixels. */
const [leastPictures, leastSide] = [10, 64];
/** Frequencies in a row outside everything that the references have, from which on it is worth a look. */
const leastRun = 6;
/** Rings below that are few bins each, in which pictures differ by what they show. */
const firstRing = 6;

let last: { key: string; bands: ReferenceBands } | null = null;

export async function referenceBands(
  references: readonly ReferencePicture[],
  signal: AbortSignal,
): Promise<ReferenceBands> {
  const key = references.map(({ sha256 }) => sha256).join(' ');
  if (last?.key === key) return last.bands;
  const [curves, residuals]: [number[][], number[][]] = [[], []];
  for (const reference of references) {
    const image = await (await reference.open()).pixels().catch((cause: unknown) => {
      if (cause instanceof AppError) return null;
      throw cause;
    });
    if (image === null || Math.min(image.width, image.height) < leastSide) continue;
    const plane = lumaPlane(image);
    curves.push(azimuthalCurve(await meanSpectra(plane, signal)));
    residuals.push(azimuthalCurve(await meanSpectra(await medianResidual(plane, signal), signal)));
  }
  if (curves.length < leastPictures)
    throw new NotRun(
      `Of ${references.length} references ${curves.length} can be used; ${leastPictures} are needed.`,
    );
  const bands = {
    pictures: curves.length,
    unusable: references.length - curves.length,
    azimuthal: bandOf(curves),
    azimuthalResidual: bandOf(residuals),
  };
  last = { key, bands };
  return bands;
}

function bandOf(curves: readonly number[][]): Band {
  const at = (q: number): number[] =>
    Array.from({ length: curvePoints }, (_, k) =>
      quantile(
        curves.map((curve) => curve[k]!),
        q,
      ),
    );
  return { least: at(0), lowest5: at(0.05), median: at(0.5), highest5: at(0.95), most: at(1) };
}

/** @param curve of the residual, in which what the picture shows counts least */
export function againstReferences(
  curve: readonly number[],
  { pictures, azimuthalResidual: band }: ReferenceBands,
): Findings['findings'] {
  let inside = 0;
  let [run, longest, end] = [0, 0, 0];
  for (let k = firstRing; k < curvePoints; k++) {
    const value = curve[k]!;
    if (value >= band.lowest5[k]! && value <= band.highest5[k]!) inside++;
    run = value < band.least[k]! || value > band.most[k]! ? run + 1 : 0;
    if (run > longest) [longest, end] = [run, k];
  }
  const frequency = (ring: number): string => (ring / (2 * curvePoints)).toFixed(2);
  const findings: Findings['findings'] = [
    {
      code: 'curve-against-references',
      severity: 'fact',
      sentence: `At ${Math.round((100 * inside) / (curvePoints - firstRing))} % of the frequencies the residual's curve lies where nine in ten of ${pictures} reference pictures have theirs.`,
      data: { inside: inside / (curvePoints - firstRing), pictures },
    },
  ];
  if (longest >= leastRun)
    findings.push({
      code: 'curve-outside-references',
      severity: 'notice',
      sentence: `From ${frequency(end + 1 - longest)} to ${frequency(end + 1)} cycles a pixel the residual's curve lies outside that of every reference picture: other processing, another source, or a generator.`,
      data: { from: (end + 1 - longest) / (2 * curvePoints), to: (end + 1) / (2 * curvePoints) },
    });
  return findings;
}
