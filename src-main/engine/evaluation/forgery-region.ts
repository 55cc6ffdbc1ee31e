/**
 * Where a test forgery is made: a random ellipse or polygon inside a picture, 8 to 30 % of its area, with a hard edge.
 */
import type { Random } from '#engine/random.ts';

export interface Region {
  /** One byte a pixel, row-major: 1 inside. */
  mask: Uint8Array;
  width: number;
  height: number;
  /** Bounding box: first column and row, and size. */
  box: { x: number; y: number; width: number; height: number };
  /** Pixels inside. */
  area: number;
}

/** Bounds of the share of a picture's pixels that a region takes. */
export const regionShare = { min: 0.08, max: 0.3 } as const;
/** The smallest side of a picture that a region can be drawn in, in pixels. */
export const smallestSide = 16;

type Outline = [x: number, y: number][];

/** Corners of an ellipse, or of a polygon that may be dented, around the origin; the size does not matter yet. */
function drawOutline(random: Random): Outline {
  const ellipse = random.uniform() < 0.4;
  const corners = ellipse ? 48 : 3 + random.integer(8);
  const stretch = Math.exp(random.uniform(-0.45, 0.45));
  const turn = random.uniform(0, 2 * Math.PI);
  return Array.from({ length: corners }, (_, i) => {
    const step = ellipse ? i : i + random.uniform(-0.35, 0.35);
    const angle = (2 * Math.PI * step) / corners;
    const radius = ellipse ? 1 : random.uniform(0.55, 1);
    const x = radius * stretch * Math.cos(angle);
    const y = (radius / stretch) * Math.sin(angle);
    return [x * Math.cos(turn) - y * Math.sin(turn), x * Math.sin(turn) + y * Math.cos(turn)];
  });
}

/** Area of a polygon by the shoelace formula. */
function areaOf(outline: Outline): number {
  let twice = 0;
  for (let i = 0; i < outline.length; i++) {
    const [x0, y0] = outline[i]!;
    const [x1, y1] = outline[(i + 1) % outline.length]!;
    twice += x0 * y1 - x1 * y0;
  }
  return Math.abs(twice) / 2;
}

/** Fills the polygon by the even-odd rule at pixel centres. */
function fill(outline: Outline, width: number, height: number): Region {
  const mask = new Uint8Array(width * height);
  let [left, top, right, bottom, area] = [width, height, -1, -1, 0];
  for (let y = 0; y < height; y++) {
    const crossings: number[] = [];
    for (let i = 0; i < outline.length; i++) {
      const [x0, y0] = outline[i]!;
      const [x1, y1] = outline[(i + 1) % outline.length]!;
      if (y0 <= y + 0.5 !== y1 <= y + 0.5) crossings.push(x0 + ((y + 0.5 - y0) / (y1 - y0)) * (x1 - x0));
    }
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const first = Math.max(0, Math.ceil(crossings[i]! - 0.5));
      const end = Math.min(width, Math.ceil(crossings[i + 1]! - 0.5));
      if (end <= first) continue;
      mask.fill(1, y * width + first, y * width + end);
      area += end - first;
      left = Math.min(left, first);
      right = Math.max(right, end - 1);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  return {
    mask,
    width,
    height,
    area,
    box: { x: left, y: top, width: right - left + 1, height: bottom - top + 1 },
  };
}

/**
 * A random region of a picture of `width` x `height` pixels, wholly inside, 8 to 30 % of its area.
 *
 * @param fits a further condition on the region, e.g. that a donor is large enough
 * @throws RangeError where the picture is smaller than 16 pixels on a side, or no region meets `fits` in 200 attempts
 */
export function drawRegion(
  width: number,
  height: number,
  random: Random,
  fits: (region: Region) => boolean = () => true,
): Region {
  if (Math.min(width, height) < smallestSide)
    throw new RangeError(
      `drawRegion: a picture of ${width} x ${height} pixels is smaller than ${smallestSide} on a side`,
    );
  for (let attempt = 0; attempt < 200; attempt++) {
    const outline = drawOutline(random);
    const target = random.uniform(regionShare.min, regionShare.max) * width * height;
    const scale = Math.sqrt(target / areaOf(outline));
    const xs = outline.map(([x]) => x * scale);
    const ys = outline.map(([, y]) => y * scale);
    const [left, right] = [Math.min(...xs), Math.max(...xs)];
    const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
    // One pixel stays free on each side, so that the whole edge lies inside the picture.
    if (right - left > width - 2 || bottom - top > height - 2) continue;
    const dx = random.uniform(1 - left, width - 1 - right);
    const dy = random.uniform(1 - top, height - 1 - bottom);
    const region = fill(
      xs.map((x, i) => [x + dx, ys[i]! + dy]),
      width,
      height,
    );
    const share = region.area / (width * height);
    if (share >= regionShare.min && share <= regionShare.max && fits(region)) return region;
  }
  throw new RangeError(`drawRegion: no region fits a picture of ${width} x ${height} pixels`);
}

/** Calls `visit` with each pixel of the region: column, row, and index in the picture. */
export function forEachPixel(region: Region, visit: (x: number, y: number, index: number) => void): void {
  const { box, mask, width } = region;
  for (let y = box.y; y < box.y + box.height; y++)
    for (let x = box.x; x < box.x + box.width; x++) {
      const index = y * width + x;
      if (mask[index] === 1) visit(x, y, index);
    }
}
