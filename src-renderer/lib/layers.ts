/** What can lie over a picture: the maps of a verdict and of analyses, each with its name and the part that it covers. */
import type { AnalysisResult } from '#contract/analysis.ts';
import type { Verdict } from '#contract/detection.ts';
import type { MapReference } from '#contract/media.ts';
import type { RegionArea } from '#contract/region.ts';
import { sampleToValue } from './colour-map.ts';
import type { GreyPicture } from './grey-png.ts';
import { analysisText } from './text/analysis.ts';
import { detectionText } from './text/detection.ts';

/**
 * `short` is the name where there is little room. `covers`: the part of the picture that the map lies over. `alone`: it lies
 * over none, as a spectrum does, and is shown in place of the picture, in its middle.
 */
export type Layer = {
  id: string;
  label: string;
  short: string;
  hint: string;
  reference: MapReference;
  covers: RegionArea;
  alone: boolean;
};
export type Pixel = { x: number; y: number };

type Size = { width: number; height: number };

/** The largest place in the middle of a picture that has the shape of a map. */
export function middleOf(picture: Size, map: Size): RegionArea {
  const scale = Math.min(picture.width / map.width, picture.height / map.height);
  const [width, height] = [map.width * scale, map.height * scale];
  return { x: (picture.width - width) / 2, y: (picture.height - height) / 2, width, height };
}

/** The layers that a verdict offers, most telling first. */
export function verdictLayers({ maps, width, height }: Pick<Verdict, 'maps' | 'width' | 'height'>): Layer[] {
  const text = detectionText.page;
  const covers = { x: 0, y: 0, ...maps.covers };
  return [
    {
      id: 'simulation',
      label: text.simulation,
      short: text.short.simulation,
      hint: text.layerHints.simulation,
      reference: maps.simulation,
      covers,
      alone: false,
    },
    ...maps.kernels.map((reference, i) => ({
      id: `kernel-${i + 1}`,
      label: text.kernel(i + 1),
      short: text.short.kernel(i + 1),
      hint: text.layerHints.kernel,
      reference,
      covers,
      alone: false,
    })),
    ...(maps.blockSpectrum
      ? [
          {
            id: 'local-spectrum',
            label: text.localSpectrum,
            short: text.short.localSpectrum,
            hint: text.layerHints.localSpectrum,
            reference: maps.blockSpectrum,
            covers,
            alone: false,
          },
        ]
      : []),
    {
      id: 'low-rank-residual',
      label: text.residual,
      short: text.short.residual,
      hint: text.layerHints.residual,
      reference: maps.localSpectrum,
      covers,
      alone: false,
    },
    {
      id: 'global-spectrum',
      label: text.globalSpectrum,
      short: text.short.globalSpectrum,
      hint: text.globalSpectrumHint,
      reference: maps.globalSpectrum,
      covers: middleOf({ width, height }, maps.globalSpectrum),
      alone: true,
    },
    {
      id: 'tile-scores',
      label: text.tileScores,
      short: text.short.tileScores,
      hint: text.layerHints.tileScores,
      reference: maps.tileScores,
      covers,
      alone: false,
    },
  ];
}

/** The maps that analyses drew of a picture, in the order of the results. */
export const analysisLayers = (results: readonly AnalysisResult[], picture: Size): Layer[] =>
  results.flatMap(({ analysis, title, maps }) =>
    maps.map(({ name, title: of, covers, ...reference }) => ({
      id: `${analysis}/${name}`,
      label: analysisText.layer(title, of),
      short: of,
      hint: analysisText.layerHint(title),
      reference,
      covers: covers ?? middleOf(picture, reference),
      alone: covers === null,
    })),
  );

/** The map's value, in its unit, over a pixel of the picture; null where the map does not cover it. */
export function valueAt(pixel: Pixel, { reference, covers }: Layer, map: GreyPicture): number | null {
  const x = Math.floor(((pixel.x - covers.x) / covers.width) * map.width);
  const y = Math.floor(((pixel.y - covers.y) / covers.height) * map.height);
  if (x < 0 || y < 0 || x >= map.width || y >= map.height) return null;
  return sampleToValue(map.samples[y * map.width + x] ?? 0, reference);
}
