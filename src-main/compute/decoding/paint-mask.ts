/**
 * A mask as strokes that a person drew over its picture: laid over the mask that is there, or over none, in their order. What
 * comes out is a PNG of one channel as large as the picture, 255 where the picture is forged and 0 elsewhere.
 */
import sharp from 'sharp';
import type { MaskStroke } from '#contract/dataset.ts';

type Size = { width: number; height: number };

/** @param before path of the mask that is there; null for none @throws where it cannot be read, or has more pixels than the picture */
export async function paintMask(
  { width, height }: Size,
  before: string | null,
  strokes: readonly MaskStroke[],
): Promise<Buffer> {
  const ground =
    before === null
      ? sharp({ create: { width, height, channels: 3, background: '#000000' } })
      : sharp(before, { limitInputPixels: width * height })
          .removeAlpha()
          .greyscale()
          .threshold(128)
          .toColourspace('srgb');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" shape-rendering="crispEdges">${strokes.map(shape).join('')}</svg>`;
  const painted = await ground
    .composite([{ input: Buffer.from(svg), density: 72 }])
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { channels } = painted.info;
  return sharp(painted.data, { raw: { width, height, channels } })
    .extractChannel(0)
    .threshold(128)
    .png()
    .toBuffer();
}

function shape({ tool, erase, width, points }: MaskStroke): string {
  const colour = erase ? '#000000' : '#ffffff';
  const path = points.map(([x, y]) => `${x} ${y}`).join(' L ');
  if (tool === 'polygon') return `<path d="M ${path} Z" fill="${colour}" fill-rule="evenodd"/>`;
  // A single point has no line of its own.
  const line = points.length > 1 ? `M ${path}` : `M ${path} l 0.001 0`;
  return `<path d="${line}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`;
}
