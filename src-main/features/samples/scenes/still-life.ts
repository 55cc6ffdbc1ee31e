/** Sample scene: balls, boxes and a cloth on a table before a wall that is out of focus. */
import type { Random } from '#engine/random.ts';
import {
  around,
  blur,
  clamp01,
  convex,
  ellipse,
  mix,
  mixColour,
  nearColour,
  paint,
  paintAll,
  relief,
  sample,
  scaleColour,
  smoothstep,
  type Canvas,
  type Colour,
  type Texture,
} from '../scene-canvas.ts';
import type { PaintScene } from './scene.ts';

const walls: readonly Colour[] = [
  [0.42, 0.38, 0.32],
  [0.2, 0.26, 0.28],
  [0.5, 0.46, 0.4],
  [0.16, 0.14, 0.15],
  [0.3, 0.34, 0.26],
];
const woods: readonly Colour[] = [
  [0.3, 0.17, 0.08],
  [0.42, 0.28, 0.16],
  [0.14, 0.08, 0.05],
  [0.55, 0.48, 0.4],
];
const paints: readonly Colour[] = [
  [0.5, 0.07, 0.05],
  [0.62, 0.36, 0.05],
  [0.12, 0.3, 0.08],
  [0.07, 0.14, 0.36],
  [0.62, 0.58, 0.5],
  [0.24, 0.1, 0.2],
  [0.1, 0.28, 0.3],
];

/** Darkens what lies under a soft ellipse. */
function paintShadow(canvas: Canvas, x: number, y: number, rx: number, ry: number, depth: number): void {
  const cover = ellipse(x, y, rx, ry, 0, ry * 1.1);
  const { light, width, height } = canvas;
  for (let py = Math.max(0, Math.floor(y - 2 * ry)); py < Math.min(height, y + 2 * ry); py++)
    for (let px = Math.max(0, Math.floor(x - 2 * rx)); px < Math.min(width, x + 2 * rx); px++) {
      const keep = 1 - depth * cover(px + 0.5, py + 0.5);
      for (let c = 0; c < 3; c++) light[(py * width + px) * 3 + c]! *= keep;
    }
}

function paintBall(
  canvas: Canvas,
  random: Random,
  texture: Texture,
  x: number,
  foot: number,
  radius: number,
): void {
  const colour = nearColour(random.pick(paints), random, 0.2);
  const [scale, amount] = [random.uniform(0.4, 3) / Math.sqrt(radius / 30), random.uniform(0.05, 0.3)];
  const gloss = random.uniform(0, 0.8);
  const y = foot - radius * 0.92;
  paintShadow(canvas, x + radius * 0.35, foot, radius * 1.15, radius * 0.32, 0.7);
  paint(canvas, around(x, y, radius + 1), ellipse(x, y, radius, radius), (px, py) => {
    const nx = (px - x) / radius;
    const ny = (py - y) / radius;
    const nz = Math.sqrt(Math.max(0, 1 - nx * nx - ny * ny));
    const lambert = clamp01(-0.55 * nx - 0.55 * ny + 0.63 * nz);
    const bounce = 0.12 * clamp01(ny);
    // Wrap the texture around the ball: it gets denser towards the rim.
    const u = (Math.asin(Math.max(-1, Math.min(1, nx))) * radius + x) * scale;
    const v = (Math.asin(Math.max(-1, Math.min(1, ny))) * radius + y) * scale;
    const skin = 1 + amount * (0.6 * sample(texture, u, v) + relief(texture, u * 3, v * 3));
    const shine = gloss * clamp01(-0.42 * nx - 0.45 * ny + 0.79 * nz) ** 40;
    const lit = (0.1 + 1.05 * lambert + bounce) * skin;
    return [colour[0] * lit + shine, colour[1] * lit + shine, colour[2] * lit + shine];
  });
}

function paintBox(
  canvas: Canvas,
  random: Random,
  texture: Texture,
  x: number,
  foot: number,
  size: number,
): void {
  const colour = nearColour(random.pick(paints), random, 0.25);
  const [w, h, d] = [
    size * random.uniform(0.7, 1.5),
    size * random.uniform(0.6, 1.8),
    size * random.uniform(0.25, 0.5),
  ];
  const scale = random.uniform(0.5, 2);
  const bands = random.uniform() < 0.5 ? size * random.uniform(0.12, 0.3) : 0;
  paintShadow(canvas, x + w * 0.65, foot, w * 0.95, d * 0.6, 0.6);
  const face = (corners: [number, number][], lit: number): void => {
    const xs = corners.map(([cx]) => cx);
    const ys = corners.map(([, cy]) => cy);
    const box = {
      left: Math.min(...xs) - 1,
      right: Math.max(...xs) + 1,
      top: Math.min(...ys) - 1,
      bottom: Math.max(...ys) + 1,
    };
    paint(canvas, box, convex(corners), (px, py) => {
      const band = bands > 0 && ((py - foot) / bands) % 2 < -1 ? 1.5 : 1;
      const worn =
        1 + 0.12 * sample(texture, px * scale, py * scale) + 0.1 * relief(texture, px * 2.7, py * 2.7);
      return scaleColour(colour, lit * band * worn * mix(1.1, 0.8, (foot - py) / -h + 1));
    });
  };
  const [left, right, top] = [x - w / 2, x + w / 2, foot - h];
  face(
    [
      [left, top],
      [right, top],
      [right, foot],
      [left, foot],
    ],
    0.75,
  );
  face(
    [
      [left, top],
      [left + d, top - d * 0.6],
      [right + d, top - d * 0.6],
      [right, top],
    ],
    1.15,
  );
  face(
    [
      [right, top],
      [right + d, top - d * 0.6],
      [right + d, foot - d * 0.6],
      [right, foot],
    ],
    0.3,
  );
}

export const paintStillLife: PaintScene = ({ canvas, random, textures: [rough, soft] }) => {
  const { width, height } = canvas;
  const wall = nearColour(random.pick(walls), random, 0.2);
  const lampX = random.uniform(0, width * 0.5);
  const pattern = random.uniform() < 0.4 ? width / (8 + random.integer(14)) : 0;
  paintAll(canvas, (x, y) => {
    const fall = 1.25 / (1 + ((x - lampX) ** 2 + (y - height * 0.15) ** 2) / (0.45 * width) ** 2);
    const stripe =
      pattern > 0 ? 0.8 + 0.35 * smoothstep(-0.2, 0.2, Math.sin((x / pattern) * 2 * Math.PI)) : 1;
    return scaleColour(
      wall,
      (0.2 + fall) * stripe * (1 + 0.08 * sample(soft, x, y) + 0.1 * relief(rough, x * 1.5, y * 1.5)),
    );
  });
  blur(canvas, random.uniform(1, 3.2));

  const edge = height * random.uniform(0.45, 0.66);
  const wood = nearColour(random.pick(woods), random, 0.15);
  const pale = scaleColour(wood, 1.6);
  const shift = random.uniform(0, 256);
  const plank = random.uniform(30, 70);
  paint(
    canvas,
    { left: 0, top: edge - 2, right: width, bottom: height },
    (_x, y) => clamp01(0.5 + y - edge),
    (x, y) => {
      const depth = 1 + (1.4 * (height - y)) / (height - edge);
      const u = (x - width / 2) * depth + 1000;
      const v = 140 * depth + shift;
      const row = Math.floor(v / plank);
      const seam = smoothstep(0, 1.2, Math.abs((v / plank - row) * plank - 0.6));
      const grain =
        sample(rough, u * 0.22 + row * 61, v * 2.4) * 0.6 + sample(rough, u * 0.8 + row * 17, v * 6) * 0.25;
      const fall = 0.45 + 0.75 / (1 + ((x - lampX) / width) ** 2 * 2);
      return scaleColour(mixColour(wood, pale, clamp01(0.4 + 0.35 * grain)), fall * mix(0.35, 1, seam));
    },
  );

  const count = 3 + random.integer(5);
  const depths = Array.from({ length: count }, () => random.uniform()).sort((a, b) => a - b);
  depths.forEach((near, i) => {
    const foot = edge + (0.1 + 0.8 * near) * (height - edge);
    const x = ((i * 0.618 + near * 0.3 + 0.1) % 1) * width;
    const size = height * mix(0.1, 0.2, near) * random.uniform(0.7, 1.3);
    if (random.uniform() < 0.55) paintBall(canvas, random, soft, x, foot, size);
    else paintBox(canvas, random, soft, x, foot, size * 1.3);
  });
};
