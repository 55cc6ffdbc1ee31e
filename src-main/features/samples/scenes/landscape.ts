/** Sample scene: sky with clouds, ridges fading into haze, a textured plain in perspective, trees in front. */
import type { Random } from '#engine/random.ts';
import {
  around,
  blur,
  clamp01,
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

interface Light {
  zenith: Colour;
  horizon: Colour;
  cloud: Colour;
  /** What the sun's light is multiplied with on the ground. */
  sun: Colour;
}
const lights: readonly Light[] = [
  { zenith: [0.1, 0.22, 0.52], horizon: [0.5, 0.65, 0.82], cloud: [0.92, 0.93, 0.95], sun: [1, 0.97, 0.9] },
  {
    zenith: [0.14, 0.2, 0.4],
    horizon: [0.95, 0.62, 0.36],
    cloud: [0.98, 0.74, 0.56],
    sun: [1.15, 0.82, 0.58],
  },
  {
    zenith: [0.42, 0.46, 0.52],
    horizon: [0.66, 0.69, 0.72],
    cloud: [0.8, 0.82, 0.84],
    sun: [0.72, 0.74, 0.78],
  },
  { zenith: [0.05, 0.14, 0.42], horizon: [0.42, 0.6, 0.8], cloud: [1, 0.98, 0.94], sun: [1.1, 1.02, 0.88] },
];
const grounds: readonly Colour[] = [
  [0.16, 0.2, 0.06],
  [0.3, 0.24, 0.12],
  [0.12, 0.17, 0.07],
  [0.4, 0.33, 0.22],
];

function paintSky(canvas: Canvas, light: Light, clouds: Texture, horizon: number, random: Random): void {
  const offset = random.uniform(0, 256);
  const cover = random.uniform(-0.3, 1.1);
  paintAll(canvas, (x, y) => {
    const height = clamp01(1 - y / horizon);
    const sky = mixColour(light.horizon, light.zenith, height ** 0.7);
    // Clouds flatten towards the horizon, as a layer seen from below does.
    const depth = 0.25 + height;
    const u = offset + ((x - canvas.width / 2) * 0.22) / depth;
    const v = 40 / depth;
    const density = smoothstep(cover, cover + 1.2, sample(clouds, u, v)) * smoothstep(0, 0.15, height);
    const shade = 1 - 0.28 * clamp01(0.5 - 0.5 * relief(clouds, u, v));
    return mixColour(sky, scaleColour(light.cloud, shade), 0.9 * density);
  });
}

/** A tree: a trunk and a crown of leaf clusters, lit from the upper left. */
function paintTree(canvas: Canvas, random: Random, x: number, foot: number, size: number, sun: Colour): void {
  const bark: Colour = [0.06, 0.045, 0.03];
  const lean = random.normal(0, 0.05);
  paint(
    canvas,
    { left: x - size, top: foot - size * 0.7, right: x + size, bottom: foot },
    (px, py) => {
      const middle = x + lean * (foot - py);
      const half = size * mix(0.035, 0.06, (py - foot + size) / size);
      return clamp01(0.5 + half - Math.abs(px - middle));
    },
    (px) => scaleColour(bark, 1.4 - 0.8 * smoothstep(-0.06, 0.06, (px - x) / size)),
  );
  const green = nearColour([0.1, 0.17, 0.045], random, 0.25);
  // Leaves stay a few pixels large, so a near tree has more of them.
  const clusters = Math.round(120 + 0.03 * size ** 2 * random.uniform(0.7, 1.2));
  const conifer = random.uniform() < 0.35;
  for (let i = 0; i < clusters; i++) {
    const up = random.uniform();
    const spread = conifer ? 0.34 * (1 - up) : 0.42 * Math.sqrt(Math.max(0, 1 - (2 * up - 1) ** 2));
    const side = random.uniform(-1, 1) * spread;
    const cx = x + lean * size * up + side * size;
    const cy = foot - size * (0.3 + 0.75 * up);
    const radius = Math.min(size * 0.06, random.uniform(1.4, 5));
    const lit = 0.45 + 0.5 * up - (0.5 * side) / 0.42 + random.normal(0, 0.18);
    const leaf = nearColour(green, random, 0.12);
    paint(
      canvas,
      around(cx, cy, radius * 1.5),
      ellipse(cx, cy, radius * 1.3, radius * 0.8, random.uniform(0, 3)),
      () => [
        leaf[0] * sun[0] * (0.4 + 1.3 * lit),
        leaf[1] * sun[1] * (0.4 + 1.3 * lit),
        leaf[2] * (0.6 + lit),
      ],
    );
  }
}

export const paintLandscape: PaintScene = ({ canvas, random, textures: [rough, soft] }) => {
  const { width, height } = canvas;
  const light = random.pick(lights);
  const horizon = height * random.uniform(0.34, 0.62);
  paintSky(canvas, light, soft, horizon * 1.02, random);

  const ridges = 2 + random.integer(3);
  for (let i = 0; i < ridges; i++) {
    const near = (i + 1) / (ridges + 1);
    const rock = nearColour(random.pick(grounds), random, 0.2);
    const haze = mixColour(rock, light.horizon, 0.75 * (1 - near));
    const base = horizon * mix(0.88, 1.02, near);
    const rise = height * mix(0.12, 0.05, near) * random.uniform(0.6, 1.3);
    const row = random.uniform(0, 256);
    const scale = mix(0.25, 0.5, near);
    const line = Float32Array.from(
      { length: width },
      (_, x) => base - rise * (0.6 + 0.7 * sample(rough, x * scale, row)),
    );
    paint(
      canvas,
      { left: 0, top: 0, right: width, bottom: horizon + height * 0.12 },
      (x, y) => clamp01(0.5 + y - line[Math.floor(x)]!),
      (x, y) => {
        const bump = relief(rough, x * (1.4 - near * 0.5) + row, y * 2.2);
        const shade = 1 + (0.25 + 0.55 * near) * clamp01(bump + 0.5) - 0.3;
        return [
          haze[0] * shade * light.sun[0],
          haze[1] * shade * light.sun[1],
          haze[2] * shade * light.sun[2],
        ];
      },
    );
  }
  blur(canvas, 0.6);

  const soil = nearColour(random.pick(grounds), random, 0.2);
  const grass = nearColour(random.pick(grounds), random, 0.25);
  const shift = random.uniform(0, 256);
  const ground = horizon + height * 0.02;
  paint(
    canvas,
    { left: 0, top: ground - 4, right: width, bottom: height },
    (x, y) => clamp01(0.5 + (y - ground - 2 * sample(soft, x * 0.4, shift)) / 2),
    (x, y) => {
      const distance = 60 / (y - ground + 8);
      const u = shift + (x - width / 2) * distance * 0.55;
      const v = shift + distance * 90;
      const patch = smoothstep(-0.6, 0.9, sample(soft, u * 0.35, v * 0.35));
      // Finer grain where the ground is near; far away it would only flicker.
      const close = smoothstep(2.5, 0.6, distance);
      const grain =
        smoothstep(5, 1.5, distance) * relief(rough, u * 2.1, v * 2.1) +
        close * (0.8 * relief(rough, u * 9, v * 7) + 0.5 * sample(rough, u * 17, v * 13));
      const shade = (0.85 + 0.3 * grain) * mix(1.1, 0.75, (y - ground) / (height - ground));
      const colour = mixColour(mixColour(soil, grass, patch), light.horizon, 0.3 * clamp01(distance / 8));
      return [
        colour[0] * shade * light.sun[0],
        colour[1] * shade * light.sun[1],
        colour[2] * shade * light.sun[2],
      ];
    },
  );

  const trees = random.integer(5);
  const places = Array.from({ length: trees }, () => random.uniform(0.03, 1) ** 1.6).sort((a, b) => a - b);
  for (const near of places) {
    const foot = ground + near * (height - ground) * 0.9;
    paintTree(canvas, random, random.uniform(0, width), foot, height * mix(0.12, 0.75, near), light.sun);
  }
};
