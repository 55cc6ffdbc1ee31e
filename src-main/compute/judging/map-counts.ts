/** How a judgement's map agrees with the true mask of its picture. */
import { countMap, maskToCells, newMapCounts, type MapCounts } from '#engine/evaluation/map-agreement.ts';
import { MAP_CELL } from '#inference/detector-session.ts';
import type { Judgement } from '#inference/judge-photograph.ts';

/** Values of the map P of a judged picture inside and outside its mask; `width` is the picture's, in pixels. */
export function mapCounts(
  mask: Uint8Array,
  width: number,
  { maps, seen }: Pick<Judgement, 'maps' | 'seen'>,
): MapCounts {
  const { width: columns, height: rows, data } = maps.simulation;
  // Maps of very large pictures are reduced by a whole factor.
  const cell = MAP_CELL * Math.ceil(seen.width / MAP_CELL / columns);
  const scale = data instanceof Uint16Array ? 65535 : 1;
  const counts = newMapCounts();
  countMap(counts, maskToCells(mask, width, { cell, columns, rows }), (i) => data[i]! / scale);
  return counts;
}
