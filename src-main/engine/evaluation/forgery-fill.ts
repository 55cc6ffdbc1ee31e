/**
 * Filling a hole from its surroundings, as retouching tools do. With a guide (another place of the same picture) the
 * guide's detail is kept and its colours are pulled towards the rim: Poisson cloning, the "healing brush". Without one
 * the colours of the rim diffuse smoothly into the hole.
 *
 * Source: P. Pérez, M. Gangnet, A. Blake, "Poisson image editing", SIGGRAPH 2003: f = guide + h, where h is harmonic
 * inside the hole and equals picture - guide on the rim. h is found coarse to fine by successive over-relaxation.
 */
import type { RgbImage } from '#engine/ports.ts';
import { forEachPixel, type Region } from './forgery-region.ts';

interface Field {
  width: number;
  height: number;
  /** Known values, and any value where `hole` is 1. */
  values: Float32Array;
  hole: Uint8Array;
}

/** Half the size: a coarse pixel is the mean of the known ones below it, and a hole where there is none. */
function halve({ width, height, values, hole }: Field): Field {
  const w = (width + 1) >> 1;
  const h = (height + 1) >> 1;
  const coarse: Field = { width: w, height: h, values: new Float32Array(w * h), hole: new Uint8Array(w * h) };
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      let sum = 0;
      let known = 0;
      for (let v = 2 * y; v < Math.min(2 * y + 2, height); v++)
        for (let u = 2 * x; u < Math.min(2 * x + 2, width); u++)
          if (hole[v * width + u] === 0) {
            sum += values[v * width + u]!;
            known++;
          }
      coarse.values[y * w + x] = known > 0 ? sum / known : 0;
      coarse.hole[y * w + x] = known > 0 ? 0 : 1;
    }
  return coarse;
}

/** Makes the hole's values harmonic, in place. Borders of the field have no flow across them. */
function solve(field: Field): void {
  const { width, height, values, hole } = field;
  const inside: number[] = [];
  for (let i = 0; i < hole.length; i++) if (hole[i] === 1) inside.push(i);
  if (inside.length === 0 || inside.length === hole.length) return;
  if (Math.min(width, height) > 4) {
    const coarse = halve(field);
    solve(coarse);
    for (const i of inside)
      values[i] = coarse.values[(Math.floor(i / width) >> 1) * coarse.width + ((i % width) >> 1)]!;
  }
  for (let pass = 0; pass < 40; pass++)
    for (const i of inside) {
      const x = i % width;
      // A border pixel is its own neighbour there: nothing flows across.
      const left = values[x > 0 ? i - 1 : i]!;
      const right = values[x < width - 1 ? i + 1 : i]!;
      const above = values[i >= width ? i - width : i]!;
      const below = values[i < hole.length - width ? i + width : i]!;
      values[i]! += 1.6 * ((left + right + above + below) / 4 - values[i]!);
    }
}

/**
 * Fills the region of `out` from the untouched `source`.
 *
 * @param guide where to take detail from: the region shifted by this many pixels, which must lie inside the picture
 * with a rim of one pixel; null for plain diffusion
 */
export function fillInto(
  out: RgbImage,
  source: RgbImage,
  region: Region,
  guide: { dx: number; dy: number } | null,
): void {
  const { box } = region;
  const { width: full } = source;
  const width = box.width + 2;
  const height = box.height + 2;
  for (let c = 0; c < 3; c++) {
    const detail = (x: number, y: number): number =>
      guide ? source.data[((y + guide.dy) * full + x + guide.dx) * 3 + c]! : 0;
    const field: Field = {
      width,
      height,
      values: new Float32Array(width * height),
      hole: new Uint8Array(width * height),
    };
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const [px, py] = [box.x + x - 1, box.y + y - 1];
        if (region.mask[py * full + px] === 1) field.hole[y * width + x] = 1;
        else field.values[y * width + x] = source.data[(py * full + px) * 3 + c]! - detail(px, py);
      }
    solve(field);
    forEachPixel(region, (x, y, index) => {
      const value = field.values[(y - box.y + 1) * width + x - box.x + 1]! + detail(x, y);
      out.data[index * 3 + c] = Math.max(0, Math.min(255, Math.round(value)));
    });
  }
}
