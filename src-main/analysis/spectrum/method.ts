/** Spectra of the picture: Fourier and cosine magnitude, the curve of power by frequency, and isolated peaks. */
import { z } from 'zod';
import { defineAnalysis, type Findings } from '../analysis.ts';
import { library } from '../library.ts';
import { lumaPlane } from '../luma.ts';
import { medianResidual } from '../mathematics/median-residual.ts';
import { azimuthalCurve, curvePoints, meanSpectra, peakThreshold, spectralPeaks } from './mean-spectra.ts';
import { againstReferences, referenceBands } from './reference-bands.ts';

const mostPeaks = 50;

export const spectrum = defineAnalysis({
  name: 'spectrum',
  title: 'Spectra',
  question: 'Which frequencies make up the picture, and do some stand out as upsampling leaves them?',
  limits:
    'Peaks at multiples of 1/8 come from JPEG blocks as well as from generators that enlarge by 2, 4 or 8, and cannot be told apart. Woven ' +
    'and other regular patterns have peaks of their own. The curve depends on sharpening, scaling and compression more than on the origin.',
  version: 2,
  needs: 'pixels',
  minimumSide: 64,
  libraries: [library('fft.js')],
  references: { what: 'real pictures, as those of a dataset', least: 10, most: 60, required: false },
  parameters: z.object({}),
  async run(picture, _parameters, signal, references) {
    const image = await picture.pixels();
    const plane = lumaPlane(image);
    const whole = await meanSpectra(plane, signal);
    const residual = await meanSpectra(await medianResidual(plane, signal), signal);
    const least = peakThreshold(residual.tiles);
    const peaks = spectralPeaks(residual, least);
    const apart = peaks.filter((peak) => !peak.onBlockGrid);
    const findings: Findings['findings'] = [
      {
        code: 'spectrum-measured',
        severity: 'fact',
        sentence: `The mean spectrum of ${whole.tiles} tiles of ${whole.side} pixels was measured; in that of the residual, peaks of ${least.toFixed(1)} times their surroundings count.`,
        data: { tiles: whole.tiles, side: whole.side, least },
      },
    ];
    if (apart.length > 0)
      findings.push({
        code: 'peaks-off-block-grid',
        severity: 'notice',
        sentence: `${apart.length} ${apart.length === 1 ? 'peak stands' : 'peaks stand'} out away from the grid of JPEG blocks, the strongest at (${apart[0]!.fx.toFixed(3)}, ${apart[0]!.fy.toFixed(3)}) cycles a pixel: scaling, a generator, or a regular pattern in what is shown.`,
        data: { count: apart.length, strongest: apart[0]!.strength },
      });
    if (peaks.length > apart.length)
      findings.push({
        code: 'peaks-on-block-grid',
        severity: 'fact',
        sentence: `${peaks.length - apart.length} ${peaks.length - apart.length === 1 ? 'peak stands' : 'peaks stand'} out at multiples of 1/8 cycle a pixel. Cannot tell JPEG blocks from upsampling by 2, 4 or 8.`,
        data: { count: peaks.length - apart.length },
      });
    const curve = azimuthalCurve(whole);
    const residualCurve = azimuthalCurve(residual);
    const bands = references.length > 0 ? await referenceBands(references, signal) : null;
    if (bands) findings.push(...againstReferences(residualCurve, bands));
    return {
      findings,
      maps: [
        magnitude('fourier', 'Fourier magnitude', whole.side, logs(whole.power, 0.5)),
        magnitude(
          'fourier-residual',
          'Fourier magnitude of the residual',
          residual.side,
          logs(residual.power, 0.5),
        ),
        magnitude('cosine', 'Cosine magnitude', whole.side, logs(whole.cosine, 1)),
      ],
      details: {
        frequencies: Array.from({ length: curvePoints }, (_, k) => (k + 0.5) / (2 * curvePoints)),
        azimuthal: curve,
        azimuthalResidual: residualCurve,
        ...(bands ? { references: { ...bands } } : {}),
        peaks: peaks.slice(0, mostPeaks).map((peak) => ({ ...peak })),
      },
    };
  },
});

/** log10 of magnitudes; `power` 0.5 takes the root of powers. */
const logs = (values: Float32Array, power: number): Float32Array =>
  values.map((value) => power * Math.log10(value + 1e-6));

function magnitude(
  name: string,
  title: string,
  side: number,
  data: Float32Array,
): NonNullable<Findings['maps']>[number] {
  let [min, max] = [Infinity, -Infinity];
  for (const value of data) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { name, title, width: side, height: side, data, unit: 'log10', range: { min, max }, covers: null };
}
