/** Least-squares affine maps of the plane: u = a x + b y + c, v = d x + e y + f. */

export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

export const applied = ([a, b, c, d, e, f]: Affine, x: number, y: number): readonly [number, number] => [
  a * x + b * y + c,
  d * x + e * y + f,
];

/** Pairs of points, four numbers each: x, y, u, v. Null where they lie on a line. */
export function fitAffine(pairs: Float64Array): Affine | null {
  const n = pairs.length / 4;
  let [mx, my, mu, mv] = [0, 0, 0, 0];
  for (let i = 0; i < pairs.length; i += 4) {
    mx += pairs[i]! / n;
    my += pairs[i + 1]! / n;
    mu += pairs[i + 2]! / n;
    mv += pairs[i + 3]! / n;
  }
  let [xx, xy, yy, xu, yu, xv, yv] = [0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < pairs.length; i += 4) {
    const x = pairs[i]! - mx;
    const y = pairs[i + 1]! - my;
    const u = pairs[i + 2]! - mu;
    const v = pairs[i + 3]! - mv;
    xx += x * x;
    xy += x * y;
    yy += y * y;
    xu += x * u;
    yu += y * u;
    xv += x * v;
    yv += y * v;
  }
  const determinant = xx * yy - xy * xy;
  if (!(determinant > 1e-6 * xx * yy)) return null;
  const a = (xu * yy - yu * xy) / determinant;
  const b = (yu * xx - xu * xy) / determinant;
  const d = (xv * yy - yv * xy) / determinant;
  const e = (yv * xx - xv * xy) / determinant;
  return [a, b, mu - a * mx - b * my, d, e, mv - d * mx - e * my];
}

/** Fits, leaves out the pairs that miss by more than `miss`, and fits again, three times. Null where under half are left. */
export function fitTrimmed(pairs: Float64Array, miss: number): { map: Affine; inliers: number } | null {
  let kept = pairs;
  for (let round = 0; ; round++) {
    const map = fitAffine(kept);
    if (map === null) return null;
    const next: number[] = [];
    for (let i = 0; i < pairs.length; i += 4) {
      const [u, v] = applied(map, pairs[i]!, pairs[i + 1]!);
      if (Math.abs(u - pairs[i + 2]!) <= miss && Math.abs(v - pairs[i + 3]!) <= miss)
        next.push(pairs[i]!, pairs[i + 1]!, pairs[i + 2]!, pairs[i + 3]!);
    }
    if (next.length < pairs.length / 2) return null;
    if (round === 3) return { map, inliers: next.length / 4 };
    kept = Float64Array.from(next);
  }
}
