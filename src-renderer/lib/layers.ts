/** What can lie over a picture: the maps of a verdict and of analyses, each with its name and the part that it covers. */
import type { Verdict } from '#contract/detection.ts';
import type { MapReference } from '#contract/media.ts';
import type { RegionArea } from '#contract/region.ts';
import { sampleToValue } from './colour-map.ts';
import type { GreyPicture } from './grey-png.ts';
import { detectionText } from './text/detection.ts';

/** `short` is the name where there is little room. `covers`: the part of the picture that the map lies over. */
export type Layer = {
  id: string;
  label: string;
  short: string;
  hint: string;
  reference: MapReference;
  covers: RegionArea;
};
export type Pixel = { x: number; y: number };

/** The layers that a verdict offers, most telling first. */
export function verdictLayers({ maps }: Verdict): Layer[] {
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
    },
    ...maps.kernels.map((reference, i) => ({
      id: `kernel-${i + 1}`,
      label: text.kernel(i + 1),
      short: text.short.kernel(i + 1),
      hint: text.layerHints.kernel,
      reference,
      covers,
    })),
    {
      id: 'local-spectrum',
      label: text.localSpectrum,
      short: text.short.localSpectrum,
      hint: text.layerHints.localSpectrum,
      reference: maps.localSpectrum,
      covers,
    },
    {
      id: 'tile-scores',
      label: text.tileScores,
      short: text.short.tileScores,
      hint: text.layerHints.tileScores,
      reference: maps.tileScores,
      covers,
    },
  ];
}

/** The map's value, in its unit, over a pixel of the picture; null where the map does not cover it. */
export function valueAt(pixel: Pixel, { reference, covers }: Layer, map: GreyPicture): number | null {
  const x = Math.floor(((pixel.x - covers.x) / covers.width) * map.width);
  const y = Math.floor(((pixel.y - covers.y) / covers.height) * map.height);
  if (x < 0 || y < 0 || x >= map.width || y >= map.height) return null;
  return sampleToValue(map.samples[y * map.width + x] ?? 0, reference);
}
