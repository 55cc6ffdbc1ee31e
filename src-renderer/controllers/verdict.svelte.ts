/** One verdict on screen: its maps as layers, which of them lies over the picture, and the value under the pointer. */
import type { Verdict } from '#contract/detection.ts';
import type { MapReference } from '#contract/media.ts';
import { sampleToValue } from '../lib/colour-map.ts';
import type { GreyPicture } from '../lib/grey-png.ts';
import { detectionText } from '../lib/text/detection.ts';

/** `short` is the name where there is little room. */
export type Layer = { id: string; label: string; short: string; hint: string; reference: MapReference };
export type Pixel = { x: number; y: number };

/** The layers that a verdict offers, most telling first. */
export function verdictLayers({ maps }: Verdict): Layer[] {
  const text = detectionText.page;
  return [
    {
      id: 'simulation',
      label: text.simulation,
      short: text.short.simulation,
      hint: text.layerHints.simulation,
      reference: maps.simulation,
    },
    ...maps.kernels.map((reference, i) => ({
      id: `kernel-${i + 1}`,
      label: text.kernel(i + 1),
      short: text.short.kernel(i + 1),
      hint: text.layerHints.kernel,
      reference,
    })),
    {
      id: 'local-spectrum',
      label: text.localSpectrum,
      short: text.short.localSpectrum,
      hint: text.layerHints.localSpectrum,
      reference: maps.localSpectrum,
    },
    {
      id: 'tile-scores',
      label: text.tileScores,
      short: text.short.tileScores,
      hint: text.layerHints.tileScores,
      reference: maps.tileScores,
    },
  ];
}

/** The map's value, in its unit, over a pixel of the picture; null where the map does not cover it. */
export function valueAt(
  pixel: Pixel,
  covers: { width: number; height: number },
  reference: MapReference,
  map: GreyPicture,
): number | null {
  const x = Math.floor((pixel.x / covers.width) * map.width);
  const y = Math.floor((pixel.y / covers.height) * map.height);
  if (x >= map.width || y >= map.height) return null;
  return sampleToValue(map.samples[y * map.width + x] ?? 0, reference);
}

export class VerdictController {
  readonly verdict: Verdict;
  readonly layers: readonly Layer[];
  /** Id of the layer over the picture; null for the picture alone. */
  layerId = $state<string | null>('simulation');
  pixel = $state.raw<Pixel | null>(null);

  constructor(verdict: Verdict) {
    this.verdict = verdict;
    this.layers = verdictLayers(verdict);
  }

  get layer(): Layer | null {
    return this.layers.find((layer) => layer.id === this.layerId) ?? null;
  }
}
