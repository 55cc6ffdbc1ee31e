/**
 * Where on the globe a position lies: coasts and a graticule in the plate carrée projection, north up, with nothing fetched. Two pixels
 * a degree; 0 the sheet, 0.2 lines every 30 degrees, 0.35 the equator and the meridian of Greenwich, 0.6 coasts, 1 the position.
 */
import type { FoundMap } from '../analysis.ts';
import { newPlane, type Plane } from '../mathematics/plane.ts';
import { coastSegments } from './coasts.ts';

const [width, height, perDegree] = [721, 361, 2];
/** Pixels from the middle of the cross that marks the position to its ends. */
const arm = 6;

/** @param latitude -90 to 90, north positive @param longitude -180 to 180, east positive; both in degrees */
export function positionMap(latitude: number, longitude: number): FoundMap {
  const sheet = graticule();
  for (const [x0, y0, x1, y1] of coastSegments()) draw(sheet, column(x0), row(y0), column(x1), row(y1), 0.6);
  const [x, y] = [column(longitude), row(latitude)];
  draw(sheet, x - arm, y, x + arm, y, 1);
  draw(sheet, x, y - arm, x, y + arm, 1);
  return {
    ...{ name: 'position', title: 'Position on the globe, coasts at 1:110 million', ...sheet },
    ...{ unit: 'position 1, coasts 0.6, equator and Greenwich 0.35, lines 0.2', range: { min: 0, max: 1 } },
    ...{ bits: 8, covers: null },
  };
}

const column = (longitude: number): number => Math.round((width - 1) / 2 + longitude * perDegree);
const row = (latitude: number): number => Math.round((height - 1) / 2 - latitude * perDegree);

function graticule(): Plane {
  const sheet = newPlane(width, height);
  for (let degrees = -180; degrees <= 180; degrees += 30) {
    draw(sheet, column(degrees), 0, column(degrees), height - 1, 0.2);
    draw(sheet, 0, row(degrees), width - 1, row(degrees), 0.2);
  }
  draw(sheet, column(0), 0, column(0), height - 1, 0.35);
  draw(sheet, 0, row(0), width - 1, row(0), 0.35);
  return sheet;
}

/** A straight line of single pixels, both ends included, as far as it lies on the sheet. */
function draw(sheet: Plane, x0: number, y0: number, x1: number, y1: number, value: number): void {
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
  for (let step = 0; step <= steps; step++) {
    const x = Math.round(x0 + ((x1 - x0) * step) / steps);
    const y = Math.round(y0 + ((y1 - y0) * step) / steps);
    if (x >= 0 && y >= 0 && x < sheet.width && y < sheet.height) sheet.data[y * sheet.width + x] = value;
  }
}
