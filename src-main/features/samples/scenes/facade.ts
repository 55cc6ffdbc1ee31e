/** Sample scene: the front of a house, with masonry, windows that mirror the sky, and a slanting shadow. */
import {
  clamp01,
  convex,
  mix,
  mixColour,
  nearColour,
  paint,
  paintAll,
  relief,
  sample,
  scaleColour,
  smoothstep,
  type Box,
  type Colour,
} from '../scene-canvas.ts';
import type { PaintScene } from './scene.ts';

const stones: readonly Colour[] = [
  [0.36, 0.16, 0.1],
  [0.5, 0.44, 0.34],
  [0.46, 0.3, 0.16],
  [0.38, 0.38, 0.38],
  [0.6, 0.52, 0.4],
  [0.24, 0.3, 0.3],
];

export const paintFacade: PaintScene = ({ canvas, random, textures: [rough, soft] }) => {
  const { width, height } = canvas;
  const stone = nearColour(random.pick(stones), random, 0.15);
  const mortar = mixColour(stone, [0.5, 0.48, 0.44], 0.6);
  const bricks = random.uniform() < 0.65;
  const [bw, bh] = [random.uniform(14, 30), random.uniform(6, 11)];
  const tilt = random.normal(0, 0.03);
  const slope = random.uniform(0.3, 1.2);
  const shadowFrom = random.uniform(-0.2, 0.9) * width;
  const sunlight = (x: number, y: number): number =>
    mix(0.35, 1.05, smoothstep(-2, 2, x - shadowFrom + slope * (y - height / 2))) *
    mix(1.05, 0.9, y / height);

  paintAll(canvas, (px, py) => {
    const y = py + tilt * px;
    const x = px - tilt * py;
    const worn = 1 + 0.14 * sample(soft, x * 0.5, y * 0.5) + 0.22 * relief(rough, x * 1.7, y * 1.7);
    const lit = sunlight(px, py) * worn;
    if (!bricks) return scaleColour(stone, lit);
    const row = Math.floor(y / bh);
    const u = x / bw + (row & 1) / 2;
    const joint = Math.min(
      smoothstep(0.4, 1.3, (y / bh - row) * bh),
      smoothstep(0.4, 1.3, (u - Math.floor(u)) * bw),
    );
    // One value for each brick.
    const shade = 1 + 0.16 * sample(rough, Math.floor(u) * 37.3, row * 71.7);
    return scaleColour(mixColour(mortar, scaleColour(stone, shade), joint), lit);
  });

  const columns = 2 + random.integer(4);
  const rows = 1 + random.integer(3);
  const [cellW, cellH] = [width / columns, height / rows];
  const [winW, winH] = [cellW * random.uniform(0.4, 0.62), cellH * random.uniform(0.5, 0.7)];
  const frame = nearColour(
    random.pick([
      [0.7, 0.68, 0.64],
      [0.12, 0.16, 0.1],
      [0.2, 0.12, 0.07],
    ] as const),
    random,
    0.1,
  );
  const panes = [1 + random.integer(3), 1 + random.integer(4)] as const;
  const bar = Math.max(2, winW * 0.045);
  const sky: Colour = [0.34, 0.5, 0.72];
  const quad = ({ left, top, right, bottom }: Box): [number, number][] => {
    const turn = ([x, y]: [number, number]): [number, number] => [x + tilt * y, y - tilt * x];
    return [turn([left, top]), turn([right, top]), turn([right, bottom]), turn([left, bottom])];
  };
  const fillQuad = (box: Box, colour: (x: number, y: number) => Colour): void => {
    const reach = Math.abs(tilt) * (width + height) + 2;
    paint(
      canvas,
      { left: box.left - reach, top: box.top - reach, right: box.right + reach, bottom: box.bottom + reach },
      convex(quad(box)),
      colour,
    );
  };
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const left = c * cellW + (cellW - winW) / 2;
      const top = r * cellH + (cellH - winH) / 2;
      const [right, bottom] = [left + winW, top + winH];
      const grey = (of: number) => (x: number, y: number) =>
        scaleColour([of, of * 0.97, of * 0.92], sunlight(x, y) * (1 + 0.1 * relief(rough, x * 2, y * 2)));
      fillQuad(
        { left: left - 3 * bar, top: bottom, right: right + 3 * bar, bottom: bottom + 2.5 * bar },
        grey(0.5),
      );
      fillQuad({ left: left - bar, top: top - bar, right: right + bar, bottom: bottom }, (x, y) =>
        scaleColour(frame, sunlight(x, y)),
      );
      const [offset, drawn] = [random.uniform(0, 256), random.uniform() < 0.3 ? random.uniform(0.3, 0.9) : 0];
      const [pw, ph] = [winW / panes[0], winH / panes[1]];
      for (let i = 0; i < panes[0]; i++)
        for (let j = 0; j < panes[1]; j++) {
          const box = {
            left: left + i * pw + bar / 2,
            top: top + j * ph + bar / 2,
            right: left + (i + 1) * pw - bar / 2,
            bottom: top + (j + 1) * ph - bar / 2,
          };
          const glint = random.uniform(0.5, 1.1);
          fillQuad(box, (x, y) => {
            const up = clamp01((bottom - y) / winH);
            const mirrored = scaleColour(
              sky,
              (0.15 + 0.5 * smoothstep(-0.5, 0.8, sample(soft, x * 0.4 + offset, y * 0.4) + up)) * glint,
            );
            // Recessed: the frame throws a shadow from above and from the left.
            const recess = smoothstep(0, bar * 2, y - box.top) * smoothstep(0, bar * 1.2, x - box.left);
            const curtain = up > 1 - drawn ? 0.5 + 0.1 * Math.sin(x * 0.9) : 0;
            return scaleColour(mixColour(mirrored, [0.55, 0.52, 0.46], curtain), mix(0.35, 1, recess));
          });
        }
    }
};
