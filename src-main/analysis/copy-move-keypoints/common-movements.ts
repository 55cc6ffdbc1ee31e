/** Groups of similar pairs that one affine map explains: hypotheses from two neighbouring pairs, the best first. */
import { applied, fitTrimmed, type Affine } from '../mathematics/affine.ts';
import type { SimilarPair } from './similar-keypoints.ts';

/** Pairs that are looked at: the most alike. */
const mostPairs = 1500;
/** Pixels by which a pair may miss the map of its group. */
const mostMiss = 3;
/** Fewest pairs of a group. */
const leastPairs = 4;
/** How far apart, in pixels, the two pairs of a hypothesis are. */
const reach = [6, 120] as const;
/** How many neighbours of a pair make a hypothesis with it. */
const tried = 6;
/** Linear scales that are believed, of the smaller part to the larger. */
const leastScale = 0.3;

export interface Movement {
  /** From the larger part to the smaller. */
  map: Affine;
  pairs: SimilarPair[];
}

/** @yields groups, the largest first; a pair belongs to one group only */
export function* commonMovements(all: readonly SimilarPair[]): Generator<Movement> {
  let pairs = all.slice(0, mostPairs);
  let hypotheses = pairs.flatMap((pair) => hypothesesOf(pair, pairs));
  for (;;) {
    let best: { map: Affine; count: number } | null = null;
    const counts = hypotheses.map((map) => {
      const count = pairs.reduce((sum, pair) => sum + (misses(map, pair) <= mostMiss ? 1 : 0), 0);
      if (count > (best?.count ?? leastPairs - 1)) best = { map, count };
      return count;
    });
    if (best === null) return;
    const first = (best as { map: Affine }).map;
    const coarse = pairs.filter((pair) => misses(first, pair) <= mostMiss);
    const fit = fitTrimmed(Float64Array.from(coarse.flatMap(({ x, y, u, v }) => [x, y, u, v])), mostMiss);
    const map = fit?.map ?? null;
    const members = map ? pairs.filter((pair) => misses(map, pair) <= mostMiss) : [];
    if (map && members.length >= leastPairs && determinant(map) <= 1 + 1e-9) yield { map, pairs: members };
    const taken = new Set([...coarse, ...members]);
    pairs = pairs.filter((pair) => !taken.has(pair));
    // A hypothesis never gains pairs.
    hypotheses = hypotheses.filter((_, i) => counts[i]! >= leastPairs);
  }
}

const misses = (map: Affine, { x, y, u, v }: SimilarPair): number => {
  const [mappedU, mappedV] = applied(map, x, y);
  return Math.max(Math.abs(mappedU - u), Math.abs(mappedV - v));
};

const determinant = ([a, b, , d, e]: Affine): number => Math.abs(a * e - b * d);

/** Turned and scaled maps that this pair and a neighbour agree on; of a map and its reverse, that to the smaller part. */
function hypothesesOf(pair: SimilarPair, pairs: readonly SimilarPair[]): Affine[] {
  const maps: Affine[] = [];
  for (const other of pairs) {
    if (maps.length === tried) break;
    const [dx, dy] = [other.x - pair.x, other.y - pair.y];
    const [du, dv] = [other.u - pair.u, other.v - pair.v];
    const square = dx * dx + dy * dy;
    if (square < reach[0] ** 2 || square > reach[1] ** 2) continue;
    const a = (dx * du + dy * dv) / square;
    const d = (dx * dv - dy * du) / square;
    const scale = Math.hypot(a, d);
    if (scale < leastScale || scale > 1.05) continue;
    // Both keypoints say themselves how they are turned and scaled: the map must agree.
    const turn = (Math.atan2(d, a) * 180) / Math.PI;
    if (!agrees(pair, scale, turn) || !agrees(other, scale, turn)) continue;
    maps.push([a, -d, pair.u - a * pair.x + d * pair.y, d, a, pair.v - d * pair.x - a * pair.y]);
  }
  return maps;
}

function agrees(pair: SimilarPair, scale: number, turn: number): boolean {
  const parting = Math.abs(((((pair.turn - turn) % 360) + 540) % 360) - 180);
  const times = pair.scale / scale;
  return parting <= 20 && times > 0.6 && times < 1.7;
}
