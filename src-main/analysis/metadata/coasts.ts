/** The coasts of the world at 1:110 million: Natural Earth (public domain), as the package world-atlas ships it. */
import { createRequire } from 'node:module';
import { mesh } from 'topojson-client';
import { library } from '../library.ts';

type Topology = Parameters<typeof mesh>[0];

export const coastLibrary = library('world-atlas', 'Natural Earth 1:110m (world-atlas)');

/** Segments [longitude, latitude, longitude, latitude] in degrees, without those along the edges of the map or around it. */
export function coastSegments(): [number, number, number, number][] {
  const world = createRequire(import.meta.url)('world-atlas/land-110m.json') as Topology;
  return mesh(world).coordinates.flatMap((line) =>
    line.slice(1).flatMap((end, i): [number, number, number, number][] => {
      const [fromX, fromY] = line[i]!;
      const [toX, toY] = end;
      if (fromX === undefined || fromY === undefined || toX === undefined || toY === undefined) return [];
      const alongEdge = (fromX === toX && Math.abs(toX) > 179.9) || (fromY === toY && toY < -84);
      const around = Math.abs(toX - fromX) > 180;
      return alongEdge || around ? [] : [[fromX, fromY, toX, toY]];
    }),
  );
}
