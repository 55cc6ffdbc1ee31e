/** What a crop's pixels tell of the files that it came through: block grid, quantisation steps, chroma sampling, levels. */
import type { RgbImage } from '#engine/ports.ts';
import { quantisationTable } from '#engine/ops/jpeg-simulation.ts';

const BLOCK = 8;
const qualities = [50, 60, 65, 70, 75, 80, 85, 90, 93, 95, 97];
/** Coefficients that most blocks fill: the first ones after the mean, in rows and columns. */
const coefficients = [1, 2, 8, 9, 10, 16, 17, 18, 3, 24];

const basis = Array.from({ length: BLOCK }, (_, u) =>
  Array.from(
    { length: BLOCK },
    (_, x) => Math.cos(((2 * x + 1) * u * Math.PI) / 16) * (u === 0 ? Math.sqrt(1 / 8) : 0.5),
  ),
);

type Plane = { width: number; height: number; data: Float32Array };

function plane({ width, height, data }: RgbImage, weights: readonly [number, number, number]): Plane {
  const [r, g, b] = weights;
  const values = Float32Array.from(
    { length: width * height },
    (_, p) => r * data[p * 3]! + g * data[p * 3 + 1]! + b * data[p * 3 + 2]!,
  );
  return { width, height, data: values };
}

/** Mean absolute difference to the left neighbour (and the upper one) at each phase of `period`. */
function steps({ width, height, data }: Plane, period: number): number[] {
  const sums = new Array<number>(period).fill(0);
  for (let y = 1; y < height; y++)
    for (let x = 1; x < width; x++) {
      const here = data[y * width + x]!;
      sums[x % period]! += Math.abs(here - data[y * width + x - 1]!);
      sums[y % period]! += Math.abs(here - data[(y - 1) * width + x]!);
    }
  return sums;
}

const share = (part: number, whole: number): number => part / (whole + 1e-3);
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** For each of `qualities`, how well the luma coefficients of the blocks sit on its quantisation steps: mean of cos(2 pi c / q). */
function combs({ width, height, data }: Plane): number[] {
  const tables = qualities.map((quality) => quantisationTable('luma', quality));
  const scores = qualities.map(() => 0);
  const counts = qualities.map(() => 0);
  for (let top = 0; top < height; top += BLOCK)
    for (let left = 0; left < width; left += BLOCK)
      for (const index of coefficients) {
        const [v, u] = [index >> 3, index & 7];
        let c = 0;
        for (let y = 0; y < BLOCK; y++)
          for (let x = 0; x < BLOCK; x++)
            c += basis[v]![y]! * basis[u]![x]! * data[(top + y) * width + left + x]!;
        tables.forEach((table, q) => {
          if (table[index]! < 2 || Math.abs(c) < table[index]! / 2) return;
          scores[q]! += Math.cos((2 * Math.PI * c) / table[index]!);
          counts[q]! += 1;
        });
      }
  return scores.map((score, q) => score / (counts[q]! + 4));
}

/** Share of the levels between the darkest and the brightest of each channel that no pixel has. */
function gaps({ data }: RgbImage): number {
  const seen = [0, 1, 2].map(() => new Set<number>());
  data.forEach((value, i) => seen[i % 3]!.add(value));
  return sum(seen.map((levels) => 1 - levels.size / (Math.max(...levels) - Math.min(...levels) + 1)));
}

/** The traces of one crop, each with its name. */
export function fileTraces(crop: RgbImage): Record<string, number> {
  const luma = plane(crop, [0.299, 0.587, 0.114]);
  const cb = plane(crop, [-0.169, -0.331, 0.5]);
  const cr = plane(crop, [0.5, -0.419, -0.081]);
  const grid = steps(luma, BLOCK);
  const chroma = [cb, cr].map((p) => steps(p, 2)).reduce((a, b) => a.map((v, i) => v + b[i]!));
  const chroma16 = [cb, cr].map((p) => steps(p, 16)).reduce((a, b) => a.map((v, i) => v + b[i]!));
  const elsewhere = Math.max(...grid.slice(1));
  const levels = crop.data;
  return {
    gridAtPhase0: share(grid[0]!, sum(grid)),
    gridElsewhere: share(elsewhere, sum(grid)),
    chromaGrid0: share(chroma16[0]!, sum(chroma16)),
    chromaGrid8: share(chroma16[8]!, sum(chroma16)),
    chromaPairs: share(chroma[0]!, sum(chroma)),
    chromaDetail: Math.log(share(sum(chroma), sum(grid)) + 1e-3),
    ...Object.fromEntries(combs(luma).map((value, i) => [`steps${qualities[i]!}`, value])),
    gaps: gaps(crop),
    clipped: levels.filter((v) => v === 0 || v === 255).length / levels.length,
  };
}
