/**
 * How two pictures of the same thing lie over each other: rotation, scale and shift. The magnitude of the Fourier transform in log-polar
 * coordinates turns rotation and scale into shifts, which phase correlation finds (B. Reddy, B. Chatterji, "An FFT-based technique for
 * translation, rotation, and scale-invariant image registration", IEEE TIP 5(8), 1996). Every candidate is verified by the correlation of
 * the pictures where they overlap, and the best one is refined by that.
 */
import { smoothed } from '../cells.ts';
import { breathe } from '../mathematics/breathe.ts';
import { bilinear, newPlane, type Plane } from '../mathematics/plane.ts';
import { hann, PlaneTransform } from '../mathematics/plane-transform.ts';

/**
 * Where a pixel of the first picture lies in the second: turned by `angle` (radians) and multiplied by `scale` about the middle of the first,
 * then put at the middle of the second, `x` and `y` away.
 */
export interface Similarity {
  angle: number;
  scale: number;
  x: number;
  y: number;
}
export interface Alignment extends Similarity {
  /** Correlation coefficient of brightness where they overlap. */
  correlation: number;
  /** Share of the first picture that the second one covers. */
  overlap: number;
}

/** Pixels a side of the transforms. */
const side = 256;
/** Least share of the smaller picture that must overlap. */
const leastOverlap = 0.25;
const [rotationPeaks, shiftPeaks] = [6, 4];
/** Radii of the log-polar grid, in bins of the transform: from `innermost` to side / 2. */
const innermost = 3;
const radiusStep = Math.log(side / 2 / innermost) / side;

/** Scales that are tried without a turn, since those of cut-outs are not found by the transform: 5 % apart. */
const scalesTried = Array.from({ length: 37 }, (_, i) => 0.4 * 1.05 ** i);
/** Candidates that are refined. */
const kept = 6;
/** Correlation of details that leaves no doubt: no other candidate is looked at. */
const sure = 0.8;

/**
 * The alignment by which details of both pictures correlate most.
 * @param first and `second`: brightness, the longer side at most 256 pixels
 * @param scale of the second against the first where both show the same pixels
 * @returns its `correlation` is that of details, without the slow course of brightness; null where nothing overlaps
 */
export async function findAlignment(
  first: Plane,
  second: Plane,
  scale: number,
  signal: AbortSignal,
): Promise<Alignment | null> {
  const details = [detailsOf(first), detailsOf(second)] as const;
  let best: Alignment | null = null;
  for (const candidate of await coarseAlignments(first, second, scale, signal)) {
    const found = await refined(first, second, candidate, signal);
    const checked = found && measured(...details, found);
    if (checked && (!best || checked.correlation > best.correlation)) best = checked;
    if (best && best.correlation >= sure) break;
  }
  return best;
}

/** A plane less its mean over 9 x 9 pixels. */
export function detailsOf(plane: Plane): Plane {
  const means = smoothed(plane.data, plane.width, plane.height, 4);
  return { ...plane, data: plane.data.map((value, i) => value - means[i]!) };
}

/** Those by which brightness correlates most. */
async function coarseAlignments(
  first: Plane,
  second: Plane,
  samePixels: number,
  signal: AbortSignal,
): Promise<Alignment[]> {
  const fourier = new PlaneTransform(side);
  const peaks = correlationPeaks(fourier, logPolar(fourier, first), logPolar(fourier, second), rotationPeaks);
  const candidates = peaks.flatMap(({ x, y }) => {
    // Columns are angles over half a turn, rows are logarithms of radii.
    const angle = (x * Math.PI) / side;
    const scale = Math.exp(-y * radiusStep);
    return [angle, angle + Math.PI].map((turn) => ({ angle: turn, scale }));
  });
  const quarters = [0, 1, 2, 3].map((turns) => ({ angle: (turns * Math.PI) / 2, scale: samePixels }));
  const straight = scalesTried.map((scale) => ({ angle: 0, scale }));
  const found: Alignment[] = [];
  for (const { angle, scale } of [...quarters, { angle: 0, scale: 1 }, ...candidates, ...straight]) {
    if (scale < 0.2 || scale > 5) continue;
    await breathe(signal);
    const turned = withoutHoles(warped(second, first, { angle, scale, x: 0, y: 0 }));
    for (const shift of correlationPeaks(fourier, centred(first), turned, shiftPeaks)) {
      // The shift is in pixels of the first; in the second it is turned and scaled.
      const moved = rotated(-shift.x, -shift.y, { angle, scale });
      const one = measured(first, second, { angle, scale, ...moved });
      if (one) found.push(one);
    }
  }
  return found.toSorted((a, b) => b.correlation - a.correlation).slice(0, kept);
}

/** Improves an alignment by steps of each of its four numbers, halved until they are below a tenth of a pixel. */
export async function refined(
  first: Plane,
  second: Plane,
  from: Similarity,
  signal: AbortSignal,
): Promise<Alignment | null> {
  const reach = Math.max(first.width, first.height) / 2;
  let best = measured(first, second, from);
  for (let step = 2; best && step > 0.1; step /= 2) {
    for (let improved = true, rounds = 0; improved && rounds < 8; rounds++) {
      await breathe(signal);
      improved = false;
      for (const sign of [1, -1])
        for (const key of ['x', 'y', 'angle', 'scale'] as const) {
          const unit = key === 'x' || key === 'y' ? best.scale : 1 / reach;
          const change = sign * step * unit;
          const next: Similarity = {
            ...best,
            [key]: key === 'scale' ? best.scale * (1 + change) : best[key] + change,
          };
          const found = measured(first, second, next);
          if (found && found.correlation > best.correlation + 1e-7) {
            best = found;
            improved = true;
          }
        }
    }
  }
  return best;
}

const rotated = (
  x: number,
  y: number,
  { angle, scale }: Pick<Similarity, 'angle' | 'scale'>,
): { x: number; y: number } => ({
  x: scale * (Math.cos(angle) * x - Math.sin(angle) * y),
  y: scale * (Math.sin(angle) * x + Math.cos(angle) * y),
});

/** Pixels that are looked at for one correlation, at the most: every second or third row and column where there are more. */
const mostPixels = 20_000;

/** Null where they overlap in too little. */
export function measured(first: Plane, second: Plane, by: Similarity): Alignment | null {
  const step = Math.max(1, Math.ceil(Math.sqrt(first.data.length / mostPixels)));
  const place = placeIn(first, second, by);
  let [count, all, a, b, aa, bb, ab] = [0, 0, 0, 0, 0, 0, 0];
  for (let y = 0; y < first.height; y += step)
    for (let x = 0; x < first.width; x += step) {
      all++;
      const value = valueAt(second, place.u(x, y), place.v(x, y));
      if (Number.isNaN(value)) continue;
      const own = first.data[y * first.width + x]!;
      count++;
      a += own;
      b += value;
      aa += own * own;
      bb += value * value;
      ab += own * value;
    }
  const overlap = count / all;
  const smaller = Math.min(1, second.data.length / by.scale ** 2 / first.data.length);
  if (overlap < leastOverlap * smaller || count < 64) return null;
  const spread = (aa - (a * a) / count) * (bb - (b * b) / count);
  const correlation = spread > 1e-6 ? (ab - (a * b) / count) / Math.sqrt(spread) : 0;
  return { ...by, correlation, overlap };
}

/** The second picture on the grid of the first; NaN beyond it. */
export function warped(second: Plane, onto: { width: number; height: number }, by: Similarity): Plane {
  const out = newPlane(onto.width, onto.height);
  const place = placeIn(onto, second, by);
  for (let y = 0; y < onto.height; y++)
    for (let x = 0; x < onto.width; x++)
      out.data[y * onto.width + x] = valueAt(second, place.u(x, y), place.v(x, y));
  return out;
}

type Size = { width: number; height: number };

/** Column and row in the second picture of a pixel of the first. */
function placeIn(
  first: Size,
  second: Size,
  { angle, scale, x: right, y: down }: Similarity,
): { u: (x: number, y: number) => number; v: (x: number, y: number) => number } {
  const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  const [middleX, middleY] = [(first.width - 1) / 2, (first.height - 1) / 2];
  const [u0, v0] = [(second.width - 1) / 2 + right, (second.height - 1) / 2 + down];
  return {
    u: (x, y) => cos * (x - middleX) - sin * (y - middleY) + u0,
    v: (x, y) => sin * (x - middleX) + cos * (y - middleY) + v0,
  };
}

/** NaN outside. */
const valueAt = (plane: Plane, u: number, v: number): number =>
  u < 0 || v < 0 || u > plane.width - 1 || v > plane.height - 1 ? NaN : bilinear(plane, u, v);

const meanOf = (values: Float32Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Less its mean, and 0 where there is nothing. */
function withoutHoles({ data, ...size }: Plane): Plane {
  const mean = meanOf(data.filter((value) => !Number.isNaN(value)));
  return { ...size, data: data.map((value) => (Number.isNaN(value) ? 0 : value - mean)) };
}

function centred(plane: Plane): Plane {
  const mean = meanOf(plane.data);
  return { ...plane, data: plane.data.map((value) => value - mean) };
}

/** log(1 + magnitude) under a window, [side angles over half a turn] x [side radii], less its mean, fading at both ends of the radii. */
function logPolar(fourier: PlaneTransform, plane: Plane): Plane {
  const { data } = centred(plane);
  const [across, down] = [hann(plane.width), hann(plane.height)];
  const spectrum = fourier.newSpectrum();
  fourier.forward((y, row) => {
    row.fill(0);
    if (y < plane.height)
      for (let x = 0; x < plane.width; x++) row[x] = data[y * plane.width + x]! * across[x]! * down[y]!;
  }, spectrum);
  const magnitude = (kx: number, ky: number): number => {
    const at = 2 * (kx * side + ((ky + side) % side));
    return Math.hypot(spectrum[at]!, spectrum[at + 1]!);
  };
  const out = newPlane(side, side);
  const fade = hann(side);
  for (let row = 0; row < side; row++) {
    const radius = innermost * Math.exp(row * radiusStep);
    for (let column = 0; column < side; column++) {
      const angle = (column * Math.PI) / side - Math.PI / 2;
      // The half spectrum holds kx >= 0, which angles from -1/4 to 1/4 of a turn reach.
      const u = Math.min(side / 2 - 1, radius * Math.cos(angle));
      const v = Math.max(-side / 2, Math.min(side / 2 - 1, radius * Math.sin(angle)));
      const [kx, ky] = [Math.floor(u), Math.floor(v)];
      const [p, q] = [u - kx, v - ky];
      const value =
        (1 - q) * ((1 - p) * magnitude(kx, ky) + p * magnitude(kx + 1, ky)) +
        q * ((1 - p) * magnitude(kx, ky + 1) + p * magnitude(kx + 1, ky + 1));
      out.data[row * side + column] = Math.log1p(value * radius);
    }
  }
  for (let row = 0; row < side; row++) {
    const line = out.data.subarray(row * side, (row + 1) * side);
    const mean = meanOf(line);
    for (let column = 0; column < side; column++) line[column] = (line[column]! - mean) * fade[row]!;
  }
  return out;
}

/** The strongest shifts (of the second against the first) by phase correlation, from -side / 2 to side / 2. */
function correlationPeaks(
  fourier: PlaneTransform,
  first: Plane,
  second: Plane,
  count: number,
): { x: number; y: number }[] {
  const of = ({ width, height, data }: Plane): Float64Array => {
    const spectrum = fourier.newSpectrum();
    fourier.forward((y, row) => {
      row.fill(0);
      if (y < height) for (let x = 0; x < width; x++) row[x] = data[y * width + x]!;
    }, spectrum);
    return spectrum;
  };
  const [a, b] = [of(first), of(second)];
  for (let i = 0; i < a.length; i += 2) {
    const re = b[i]! * a[i]! + b[i + 1]! * a[i + 1]!;
    const im = b[i + 1]! * a[i]! - b[i]! * a[i + 1]!;
    const size = Math.hypot(re, im) ** 0.7 + 1e-9;
    a[i] = re / size;
    a[i + 1] = im / size;
  }
  const surface = fourier.inverse(a);
  const peaks: { x: number; y: number }[] = [];
  for (let n = 0; n < count; n++) {
    let at = 0;
    for (let i = 1; i < surface.length; i++) if (surface[i]! > surface[at]!) at = i;
    const [x, y] = [at % side, Math.floor(at / side)];
    peaks.push({ x: x < side / 2 ? x : x - side, y: y < side / 2 ? y : y - side });
    for (let dy = -3; dy <= 3; dy++)
      for (let dx = -3; dx <= 3; dx++)
        surface[((y + dy + side) % side) * side + ((x + dx + side) % side)] = -Infinity;
  }
  return peaks;
}
