/** Colour maps for grey maps: a table of colours, the arithmetic from stored sample to value, and a legend's ticks. */
import {
  interpolateInferno,
  interpolateMagma,
  interpolateTurbo,
  interpolateViridis,
} from 'd3-scale-chromatic';
import type { MapReference } from '#contract/media.ts';
import type { GreyPicture } from './grey-png.ts';

export const colourMapNames = ['inferno', 'viridis', 'magma', 'turbo', 'greys'] as const;
export type ColourMapName = (typeof colourMapNames)[number];

const TABLE_SIZE = 256;
const grey = (t: number): string => {
  const level = Math.round(255 * t);
  return `rgb(${level}, ${level}, ${level})`;
};
const interpolators: Record<ColourMapName, (t: number) => string> = {
  inferno: interpolateInferno,
  viridis: interpolateViridis,
  magma: interpolateMagma,
  turbo: interpolateTurbo,
  greys: grey,
};

/** `#rrggbb` or `rgb(r, g, b)` as three numbers in [0, 255]. */
export function parseColour(css: string): [number, number, number] {
  if (css.startsWith('#')) {
    const value = Number.parseInt(css.slice(1), 16);
    return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
  }
  const [r = 0, g = 0, b = 0] = (css.match(/[\d.]+/g) ?? []).map(Number);
  return [r, g, b];
}

const tables = new Map<ColourMapName, Uint8Array>();

/** The 256 colours of a map as RGB bytes, [256 * 3]. */
export function colourTable(name: ColourMapName): Uint8Array {
  const known = tables.get(name);
  if (known) return known;
  const table = new Uint8Array(TABLE_SIZE * 3);
  for (let i = 0; i < TABLE_SIZE; i++)
    table.set(parseColour(interpolators[name](i / (TABLE_SIZE - 1))), i * 3);
  tables.set(name, table);
  return table;
}

/** What a stored sample stands for, in the map's unit (see contract/media.ts). */
export const sampleToValue = (
  sample: number,
  reference: Pick<MapReference, 'bits' | 'min' | 'max'>,
): number => reference.min + (sample / (2 ** reference.bits - 1)) * (reference.max - reference.min);

/** The sample, not rounded, that stands for a value in the map's unit. */
export const valueToSample = (
  value: number,
  { bits, min, max }: Pick<MapReference, 'bits' | 'min' | 'max'>,
): number => (max > min ? ((value - min) / (max - min)) * (2 ** bits - 1) : 0);

/** The samples that get the first and the last colour. */
export type SampleRange = { low: number; high: number };

/** All that a map may hold: colours then mean the same in every map of its kind. */
export const fullRange = (picture: Pick<GreyPicture, 'bits'>): SampleRange => ({
  low: 0,
  high: 2 ** picture.bits - 1,
});

/** What a map really holds: weak differences become visible, and colours mean this map only. */
export function heldRange({ samples, bits }: GreyPicture): SampleRange {
  let low = 2 ** bits - 1;
  let high = 0;
  for (const sample of samples) {
    if (sample < low) low = sample;
    if (sample > high) high = sample;
  }
  return low < high ? { low, high } : fullRange({ bits });
}

/** The picture of a map in a colour map: RGBA bytes, opaque, [height * width * 4]. */
export function paintMap(
  picture: GreyPicture,
  name: ColourMapName,
  { low, high }: SampleRange = fullRange(picture),
): Uint8ClampedArray<ArrayBuffer> {
  const table = colourTable(name);
  const last = TABLE_SIZE - 1;
  const scale = last / (high - low || 1);
  const { samples } = picture;
  const out = new Uint8ClampedArray(samples.length * 4);
  for (let i = 0; i < samples.length; i++) {
    const entry = Math.min(Math.max(Math.round(((samples[i] ?? 0) - low) * scale), 0), last) * 3;
    const at = i * 4;
    out[at] = table[entry] ?? 0;
    out[at + 1] = table[entry + 1] ?? 0;
    out[at + 2] = table[entry + 2] ?? 0;
    out[at + 3] = 255;
  }
  return out;
}

/** Evenly spaced values of a legend, lowest first. A map of one value has one tick. */
export function legendTicks(min: number, max: number, ticks = 5): number[] {
  if (max <= min) return [min];
  return Array.from({ length: ticks }, (_, i) => min + ((max - min) * i) / (ticks - 1));
}
