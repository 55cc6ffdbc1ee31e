/**
 * What sample scenes are painted with: a canvas of linear light, periodic 1/f textures, soft-edged shapes and a lens.
 * Nothing here knows a camera; camera.ts turns the light into a photograph.
 */
import type { Random } from '#engine/random.ts';

/** Linear light, three floats a pixel, row-major; 1 is the light that a well exposed white surface sends. */
export interface Canvas {
  width: number;
  height: number;
  light: Float32Array;
}
export type Colour = readonly [red: number, green: number, blue: number];
/** A periodic field of `side` x `side` values with mean 0 and deviation 1; amplitude falls as 1/f. */
export interface Texture {
  side: number;
  values: Float32Array;
}

export const newCanvas = (width: number, height: number): Canvas => ({
  width,
  height,
  light: new Float32Array(width * height * 3),
});

export const mix = (a: number, b: number, t: number): number => a + (b - a) * t;
export const clamp01 = (x: number): number => (x < 0 ? 0 : x > 1 ? 1 : x);
export const smoothstep = (from: number, to: number, x: number): number => {
  const t = clamp01((x - from) / (to - from));
  return t * t * (3 - 2 * t);
};
export const mixColour = (a: Colour, b: Colour, t: number): Colour => [
  mix(a[0], b[0], t),
  mix(a[1], b[1], t),
  mix(a[2], b[2], t),
];
export const scaleColour = (a: Colour, by: number): Colour => [a[0] * by, a[1] * by, a[2] * by];
/** A colour near another one, in brightness and hue. */
export const nearColour = (a: Colour, random: Random, spread: number): Colour => {
  const all = Math.exp(random.normal(0, spread));
  const each = (value: number): number => value * all * Math.exp(random.normal(0, spread * 0.35));
  return [each(a[0]), each(a[1]), each(a[2])];
};

/** Octaves of smoothed lattice noise, each with about half the amplitude of the coarser one. */
export function drawTexture(random: Random, side = 256): Texture {
  const values = new Float32Array(side * side);
  for (let cells = 4, amplitude = 1; cells <= side; cells *= 2, amplitude *= 0.55) {
    const lattice = Float32Array.from({ length: cells * cells }, () => amplitude * random.uniform(-1, 1));
    const step = side / cells;
    const ramp = Float32Array.from({ length: step }, (_, i) => smoothstep(0, 1, i / step));
    for (let y = 0; y < side; y++) {
      const row = Math.floor(y / step);
      const [top, bottom] = [row * cells, ((row + 1) % cells) * cells];
      const ty = ramp[y % step]!;
      for (let column = 0, at = y * side; column < cells; column++) {
        const next = (column + 1) % cells;
        const left = mix(lattice[top + column]!, lattice[bottom + column]!, ty);
        const right = mix(lattice[top + next]!, lattice[bottom + next]!, ty);
        for (let i = 0; i < step; i++, at++) values[at]! += left + (right - left) * ramp[i]!;
      }
    }
  }
  const mean = values.reduce((a, b) => a + b) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
  return { side, values: values.map((v) => (v - mean) / deviation) };
}

/** The texture at any place, in texels, bilinear and periodic. */
export function sample({ side, values }: Texture, u: number, v: number): number {
  const [x0, y0] = [Math.floor(u), Math.floor(v)];
  const [tx, ty] = [u - x0, v - y0];
  const mask = side - 1; // side is a power of two
  const [left, right] = [x0 & mask, (x0 + 1) & mask];
  const [top, bottom] = [(y0 & mask) * side, ((y0 + 1) & mask) * side];
  const above = mix(values[top + left]!, values[top + right]!, tx);
  return mix(above, mix(values[bottom + left]!, values[bottom + right]!, tx), ty);
}

/** Slope of the texture towards the upper left, where the light comes from: positive faces are lit. */
export const relief = (texture: Texture, u: number, v: number): number =>
  sample(texture, u, v) - sample(texture, u - 1.5, v - 1.5);

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/**
 * Paints a shape. `coverage` says how much of the pixel it covers, in [0, 1] (soft over about a pixel, so that edges are
 * not stepped); `colour` its light there. Both take pixel centres.
 */
export function paint(
  canvas: Canvas,
  box: Box,
  coverage: (x: number, y: number) => number,
  colour: (x: number, y: number) => Colour,
): void {
  const top = Math.max(0, Math.floor(box.top));
  const bottom = Math.min(canvas.height, Math.ceil(box.bottom));
  const left = Math.max(0, Math.floor(box.left));
  const right = Math.min(canvas.width, Math.ceil(box.right));
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const alpha = coverage(x + 0.5, y + 0.5);
      if (alpha <= 0) continue;
      const at = (y * canvas.width + x) * 3;
      const light = colour(x + 0.5, y + 0.5);
      for (let c = 0; c < 3; c++)
        canvas.light[at + c] = mix(canvas.light[at + c]!, Math.max(0, light[c]!), alpha);
    }
}

/** Paints every pixel. */
export const paintAll = (canvas: Canvas, colour: (x: number, y: number) => Colour): void =>
  paint(canvas, { left: 0, top: 0, right: canvas.width, bottom: canvas.height }, () => 1, colour);

/** Coverage of an ellipse turned by `angle`, with an edge of `soft` pixels. */
export function ellipse(
  x: number,
  y: number,
  rx: number,
  ry: number,
  angle = 0,
  soft = 1,
): (x: number, y: number) => number {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const small = Math.min(rx, ry);
  return (px, py) => {
    const u = (cos * (px - x) + sin * (py - y)) / rx;
    const v = (-sin * (px - x) + cos * (py - y)) / ry;
    return clamp01(0.5 + ((1 - Math.hypot(u, v)) * small) / soft);
  };
}

/** The square box around a circle. */
export const around = (x: number, y: number, radius: number): Box => ({
  left: x - radius,
  top: y - radius,
  right: x + radius,
  bottom: y + radius,
});

/** Coverage of a convex polygon given clockwise (on the screen), with edges of one pixel. */
export function convex(corners: readonly (readonly [number, number])[]): (x: number, y: number) => number {
  const edges = corners.map(([x0, y0], i) => {
    const [x1, y1] = corners[(i + 1) % corners.length]!;
    const length = Math.hypot(x1 - x0, y1 - y0) || 1;
    return { x0, y0, nx: -(y1 - y0) / length, ny: (x1 - x0) / length };
  });
  return (px, py) => {
    let inside = Infinity;
    for (const { x0, y0, nx, ny } of edges) inside = Math.min(inside, (px - x0) * nx + (py - y0) * ny);
    return clamp01(0.5 + inside);
  };
}

/** Gaussian blur of the whole canvas in place; sigma in pixels. What lies out of focus, and the lens itself. */
export function blur(canvas: Canvas, sigma: number): void {
  const { width, height, light } = canvas;
  const radius = Math.ceil(2.5 * sigma);
  const raw = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const sum = raw.reduce((a, b) => a + b);
  const kernel = raw.map((value) => value / sum);
  const span = width * 3;
  const across = new Float32Array(light.length);
  const line = new Float32Array(span + 6 * radius);
  for (let y = 0; y < height; y++) {
    const start = y * span;
    for (let i = 0; i < line.length; i++) {
      const column = Math.max(0, Math.min(width - 1, Math.floor(i / 3) - radius));
      line[i] = light[start + column * 3 + (i % 3)]!;
    }
    kernel.forEach((weight, t) => {
      for (let i = 0; i < span; i++) across[start + i]! += weight * line[i + 3 * t]!;
    });
  }
  light.fill(0);
  for (let y = 0; y < height; y++)
    kernel.forEach((weight, t) => {
      const from = Math.max(0, Math.min(height - 1, y + t - radius)) * span;
      for (let i = 0; i < span; i++) light[y * span + i]! += weight * across[from + i]!;
    });
}
