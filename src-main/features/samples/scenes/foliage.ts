/** Sample scene: leaves over leaves, sharp in front and out of focus behind, with a few blossoms. */
import {
  around,
  blur,
  clamp01,
  mix,
  nearColour,
  paint,
  paintAll,
  relief,
  sample,
  scaleColour,
  type Canvas,
  type Colour,
} from '../scene-canvas.ts';
import type { PaintScene } from './scene.ts';
import type { Random } from '#engine/random.ts';
import type { Texture } from '../scene-canvas.ts';

const leaves: readonly Colour[] = [
  [0.1, 0.2, 0.04],
  [0.2, 0.26, 0.06],
  [0.06, 0.14, 0.06],
  [0.42, 0.2, 0.05],
  [0.34, 0.08, 0.04],
];
const blossoms: readonly Colour[] = [
  [0.7, 0.62, 0.55],
  [0.65, 0.12, 0.25],
  [0.75, 0.5, 0.06],
  [0.32, 0.2, 0.55],
];

/** One leaf: two arcs that meet in points, a midrib and side veins. */
function paintLeaf(
  canvas: Canvas,
  random: Random,
  texture: Texture,
  x: number,
  y: number,
  length: number,
  light: number,
  colour: Colour,
): void {
  const angle = random.uniform(0, 2 * Math.PI);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const slim = random.uniform(0.24, 0.42);
  const fold = random.uniform(-0.35, 0.35);
  const spacing = length * 0.12;
  paint(
    canvas,
    around(x, y, length / 2 + 1),
    (px, py) => {
      const along = (cos * (px - x) + sin * (py - y)) / (length / 2);
      const across = -sin * (px - x) + cos * (py - y);
      if (Math.abs(along) >= 1) return 0;
      const half = length * 0.5 * slim * (1 - along * along) * (1 - 0.3 * along);
      return clamp01(0.5 + half - Math.abs(across));
    },
    (px, py) => {
      const along = cos * (px - x) + sin * (py - y);
      const across = -sin * (px - x) + cos * (py - y);
      const rib = clamp01(1.2 - Math.abs(across) / (0.012 * length + 0.4));
      const phase = (along - Math.abs(across) * 0.9) / spacing;
      const vein = clamp01(1 - (Math.abs(phase - Math.round(phase)) * spacing) / 0.9) * 0.5;
      const side = 1 + fold * Math.sign(across);
      const skin = 1 + 0.1 * sample(texture, px * 1.3, py * 1.3) + 0.12 * relief(texture, px * 2.5, py * 2.5);
      return scaleColour(colour, light * side * skin * (1 + 0.5 * Math.max(rib, vein)));
    },
  );
}

function paintBlossom(canvas: Canvas, random: Random, x: number, y: number, radius: number): void {
  const colour = nearColour(random.pick(blossoms), random, 0.1);
  const petals = 5 + random.integer(5);
  const turn = random.uniform(0, 6);
  paint(
    canvas,
    around(x, y, radius + 1),
    (px, py) => {
      const r = Math.hypot(px - x, py - y);
      const a = Math.atan2(py - y, px - x) * petals + turn;
      return clamp01(0.5 + radius * (0.72 + 0.28 * Math.cos(a)) - r);
    },
    (px, py) => {
      const r = Math.hypot(px - x, py - y) / radius;
      if (r < 0.22)
        return scaleColour([0.6, 0.4, 0.04], 1.1 - 2 * r + 0.2 * Math.sin(px * 3) * Math.cos(py * 3));
      const a = Math.atan2(py - y, px - x) * petals + turn;
      return scaleColour(colour, (0.65 + 0.35 * Math.cos(a)) * mix(0.6, 1.15, r));
    },
  );
}

export const paintFoliage: PaintScene = ({ canvas, random, textures: [rough, soft] }) => {
  const { width, height } = canvas;
  const base = random.pick(leaves);
  const deep = scaleColour(base, 0.25);
  paintAll(canvas, (x, y) => scaleColour(deep, 1 + 0.4 * sample(soft, x * 0.6, y * 0.6)));
  const lightX = random.uniform(0, width);
  const sunny = random.uniform(0.9, 1.7);
  const largest = height * random.uniform(0.14, 0.34);
  const layers = 3;
  for (let layer = 0; layer < layers; layer++) {
    const near = (layer + 1) / layers;
    const size = largest * mix(0.55, 1, near);
    const count = Math.round((1.5 * width * height) / (size * size));
    for (let i = 0; i < count; i++) {
      const [x, y] = [random.uniform(0, width), random.uniform(0, height)];
      const glow = 1 / (1 + ((x - lightX) ** 2 + (y * 1.2) ** 2) / (0.7 * width) ** 2);
      const light = sunny * mix(0.35, 1, near) * (0.4 + glow) * Math.exp(random.normal(0, 0.3));
      paintLeaf(
        canvas,
        random,
        rough,
        x,
        y,
        size * random.uniform(0.6, 1.1),
        light,
        nearColour(base, random, 0.22),
      );
    }
    if (layer < layers - 1) blur(canvas, mix(2.4, 0.8, near));
  }
  for (let i = random.integer(7); i > 0; i--)
    paintBlossom(
      canvas,
      random,
      random.uniform(0, width),
      random.uniform(0, height),
      largest * random.uniform(0.25, 0.55),
    );
};
