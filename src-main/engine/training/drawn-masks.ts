/** Replay masks: random polygons and ellipses, hard or feathered, which teach the edges that survive JPEG (METHOD, pitfall 4). */
import type { Random } from '../random.ts';

const SMALLEST_AREA = 0.06;
const LARGEST_AREA = 0.4;

/** `varied`: any shape and edge. `feathered`: ellipses with one soft edge, the single forgery kind of the traditional way. */
export const drawnMaskKinds = ['varied', 'feathered'] as const;
export type DrawnMaskKind = (typeof drawnMaskKinds)[number];
/** Pixels. */
const FIXED_FEATHER = 4;

/** Coordinates in [0, 1]. */
interface Shape {
  /** Signed, negative inside. */
  distance(x: number, y: number): number;
  /** Whether the distance is negative, which is found many times as fast. */
  holds(x: number, y: number): boolean;
}

/** Further than this from 1, rounding cannot put the square of a length on the wrong side of it. */
const ROUNDING = 1e-9;

/** Its distance is one only in its sign and near the outline. */
function ellipse(random: Random): Shape {
  const [cx, cy] = [random.uniform(), random.uniform()];
  const [rx, ry] = [random.uniform(0.15, 0.4), random.uniform(0.15, 0.4)];
  const angle = random.uniform(0, Math.PI);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const across = (x: number, y: number) => ((x - cx) * cos + (y - cy) * sin) / rx;
  const along = (x: number, y: number) => ((y - cy) * cos - (x - cx) * sin) / ry;
  const distance = (x: number, y: number) => (Math.hypot(across(x, y), along(x, y)) - 1) * Math.min(rx, ry);
  return {
    distance,
    holds(x, y) {
      const square = across(x, y) ** 2 + along(x, y) ** 2;
      return Math.abs(square - 1) > ROUNDING ? square < 1 : distance(x, y) < 0;
    },
  };
}

/** A star-shaped polygon of 3 to 9 corners. */
function polygon(random: Random): Shape {
  const [cx, cy] = [random.uniform(), random.uniform()];
  const corners = 3 + random.integer(7);
  const turn = random.uniform(0, 2 * Math.PI);
  const points = Array.from({ length: corners }, (_, i) => {
    const angle = turn + (2 * Math.PI * (i + random.uniform(-0.3, 0.3))) / corners;
    const radius = random.uniform(0.15, 0.45);
    return [cx + radius * Math.cos(angle), cy + radius * Math.sin(angle)] as const;
  });
  const holds = (x: number, y: number): boolean => {
    let inside = false;
    for (let i = 0, j = corners - 1; i < corners; j = i++) {
      const [ax, ay] = points[i]!;
      const [bx, by] = points[j]!;
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
    return inside;
  };
  return {
    holds,
    distance(x, y) {
      let nearest = Infinity;
      for (let i = 0, j = corners - 1; i < corners; j = i++) {
        const [ax, ay] = points[i]!;
        const [bx, by] = points[j]!;
        const along = Math.min(
          1,
          Math.max(
            0,
            ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2 + 1e-12),
          ),
        );
        nearest = Math.min(nearest, Math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay)));
      }
      return holds(x, y) ? -nearest : nearest;
    },
  };
}

function draw(shape: Shape, side: number, feather: number): Float32Array {
  const mask = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [u, v] = [(x + 0.5) / side, (y + 0.5) / side];
      mask[y * side + x] =
        feather === 0
          ? Number(shape.holds(u, v))
          : 1 / (1 + Math.exp((shape.distance(u, v) * side * 4) / feather));
    }
  }
  return mask;
}

/**
 * A mask `[side * side]` in [0, 1] whose area lies in 6 to 40 %. Its centre lies anywhere, so that no place of a crop is more
 * often forged than another, which the maps would learn; two thirds have a hard edge, the others a feather of 1 to 6
 * pixels. Of the kind `feathered`, all are ellipses with a feather of 4 pixels.
 */
export function drawnMask(side: number, random: Random, kind: DrawnMaskKind = 'varied'): Float32Array {
  for (;;) {
    const fixed = kind === 'feathered';
    const shape = fixed || random.uniform() < 0.5 ? ellipse(random) : polygon(random);
    const feather = fixed ? FIXED_FEATHER : random.uniform() < 2 / 3 ? 0 : random.uniform(1, 6);
    const mask = draw(shape, side, feather);
    let sum = 0;
    for (const value of mask) sum += value;
    const area = sum / mask.length;
    if (area >= SMALLEST_AREA && area <= LARGEST_AREA) return mask;
  }
}
