/**
 * Where on the globe a position lies: a bare graticule in the plate carrée projection, north up, without coasts and without anything
 * fetched. Two pixels a degree; 0 the sheet, 0.25 lines every 30 degrees, 0.5 the equator and the meridian of Greenwich, 1 the position.
 */
import type { FoundMap } from '../analysis.ts';

const [width, height, perDegree] = [721, 361, 2];
/** Pixels from the middle of the cross that marks the position to its ends. */
const arm = 6;

/** @param latitude -90 to 90, north positive @param longitude -180 to 180, east positive; both in degrees */
export function positionMap(latitude: number, longitude: number): FoundMap {
  const data = new Float32Array(width * height);
  const centre = { x: (width - 1) / 2, y: (height - 1) / 2 };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [east, south] = [x - centre.x, y - centre.y];
      if (east === 0 || south === 0) data[y * width + x] = 0.5;
      else if (east % (30 * perDegree) === 0 || south % (30 * perDegree) === 0) data[y * width + x] = 0.25;
    }
  const at = {
    x: Math.round(centre.x + longitude * perDegree),
    y: Math.round(centre.y - latitude * perDegree),
  };
  for (let step = -arm; step <= arm; step++)
    for (const [x, y] of [
      [at.x + step, at.y],
      [at.x, at.y + step],
    ] as const)
      if (x >= 0 && x < width && y >= 0 && y < height) data[y * width + x] = 1;
  return {
    ...{
      name: 'position',
      title: 'Position on a graticule of 30 degrees, without coasts',
      width,
      height,
      data,
    },
    ...{ unit: 'position 1, equator and Greenwich 0.5, lines 0.25', range: { min: 0, max: 1 } },
    ...{ bits: 8, covers: null },
  };
}
