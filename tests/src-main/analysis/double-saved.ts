/** Rendered scenes with a known JPEG history: whatever coding they had is gone, since they are reduced to half their size. */
import sharp from 'sharp';
import { renderScenes } from '#features/samples/scene-renderer.ts';

/** Pixels a side of a scene. */
export const side = 384;
/** Where a part is pasted: off the grid of eight by (5, 3) from where it was cut. */
export const pasted = { left: 128, top: 96, width: 128, height: 128 };

let rendered: Promise<Buffer[]> | undefined;

/** Four scenes, as PNG. */
export const scenes = (): Promise<Buffer[]> => (rendered ??= render());

async function render(): Promise<Buffer[]> {
  const made: Buffer[] = [];
  for await (const { bytes } of renderScenes({ count: 4, seed: 11, width: 2 * side, height: 2 * side }))
    made.push(await sharp(bytes).resize(side, side).png().toBuffer());
  return made;
}

export const saved = async (picture: Buffer, quality: number): Promise<Buffer> =>
  sharp(picture).jpeg({ quality }).toBuffer();

/** `onto` with a part of `from` in the area `pasted`, cut `shift` beside it. */
export async function pasteInto(
  onto: Buffer,
  from: Buffer,
  shift: { x: number; y: number } = { x: 0, y: 0 },
): Promise<Buffer> {
  const { left, top, width, height } = pasted;
  const part = sharp(from).extract({ left: left + shift.x, top: top + shift.y, width, height });
  return sharp(onto)
    .composite([{ input: await part.png().toBuffer(), left, top }])
    .png()
    .toBuffer();
}

/** The share of pairs, one place inside `pasted` and one outside, of which the inner one has the higher value (AUC). */
export function areaUnderCurve(map: {
  width: number;
  height: number;
  data: Float32Array;
  covers: { x: number; y: number; width: number; height: number } | null;
}): number {
  const { x, y, width, height } = map.covers!;
  const [inside, outside]: [number[], number[]] = [[], []];
  map.data.forEach((value, i) => {
    const atX = x + (((i % map.width) + 0.5) * width) / map.width - pasted.left;
    const atY = y + ((Math.floor(i / map.width) + 0.5) * height) / map.height - pasted.top;
    const within = atX >= 0 && atX < pasted.width && atY >= 0 && atY < pasted.height;
    (within ? inside : outside).push(value);
  });
  let above = 0;
  for (const a of inside) for (const b of outside) above += a > b ? 1 : a === b ? 0.5 : 0;
  return above / (inside.length * outside.length);
}
