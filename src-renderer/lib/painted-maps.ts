/** Maps painted in their colours, the last few kept, so that switching between layers is immediate. */
import type { MapReference } from '#contract/media.ts';
import { paintMap, valueToSample, type ColourMapName } from './colour-map.ts';
import { contourLines } from './contour.ts';
import type { GreyPicture } from './grey-png.ts';

export type ValueRange = { low: number; high: number };

const KEPT = 12;
const painted = new Map<string, OffscreenCanvas>();
const outlined = new Map<string, Path2D>();

function kept<V>(cache: Map<string, V>, key: string, make: () => V): V {
  const value = cache.get(key) ?? make();
  cache.delete(key);
  cache.set(key, value);
  const oldest = cache.size > KEPT ? cache.keys().next().value : undefined;
  if (oldest !== undefined) cache.delete(oldest);
  return value;
}

/** The map as a picture. `range`: the values, in the map's unit, that get the first and the last colour. */
export function paintedMap(
  reference: MapReference,
  map: GreyPicture,
  colours: ColourMapName,
  range: ValueRange,
): OffscreenCanvas {
  return kept(painted, `${reference.blob} ${colours} ${range.low} ${range.high}`, () => {
    const canvas = new OffscreenCanvas(map.width, map.height);
    const low = valueToSample(range.low, reference);
    const high = valueToSample(range.high, reference);
    const pixels = paintMap(map, colours, { low, high });
    canvas.getContext('2d')?.putImageData(new ImageData(pixels, map.width, map.height), 0, 0);
    return canvas;
  });
}

/** Lines around what lies at or above `threshold`, in the map's unit; in the map's pixels. */
export function outlinedMap(reference: MapReference, map: GreyPicture, threshold: number): Path2D {
  return kept(outlined, `${reference.blob} ${threshold}`, () => {
    const path = new Path2D();
    const lines = contourLines(map, valueToSample(threshold, reference));
    for (let i = 0; i < lines.length; i += 4) {
      path.moveTo(lines[i] ?? 0, lines[i + 1] ?? 0);
      path.lineTo(lines[i + 2] ?? 0, lines[i + 3] ?? 0);
    }
    return path;
  });
}
