/** Pictures that show nothing, for steps whose result only has to be the same everywhere: soft waves under noise. */
import type { RgbImage, TrainingPhotographs } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';

const COUNT = 3;
/** Room for crops at several places of the 8-pixel grid. */
const MARGIN = 32;

function picture(side: number, random: Random): RgbImage {
  const data = new Uint8Array(side * side * 3);
  const waves = Array.from(
    { length: 3 },
    () => [random.uniform(0.02, 0.3), random.uniform(0.02, 0.3)] as const,
  );
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      waves.forEach(([fx, fy], channel) => {
        const value = 128 + 70 * Math.sin(fx * x + fy * y) + 12 * random.normal();
        data[(y * side + x) * 3 + channel] = Math.min(255, Math.max(0, Math.round(value)));
      });
  return { width: side, height: side, data };
}

/** @param crop side of the crops that will be cut out of them */
export function syntheticPhotographs(crop: number): TrainingPhotographs {
  const random = new Random('synthetic photographs');
  const pictures = Array.from({ length: COUNT }, () => picture(crop + MARGIN, random));
  const source = { count: COUNT, read: (index: number) => Promise.resolve(pictures[index]!) };
  return { real: source, foreign: source };
}
