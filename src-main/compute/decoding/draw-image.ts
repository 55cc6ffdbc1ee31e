/** Stored files as the images of a report: photographs as JPEG, maps in colours as PNG, both as text that a page can hold. */
import sharp from 'sharp';
import type { DrawnImage, DrawRequest } from '#contract/judge-messages.ts';
import { decodeMap } from '../map-image.ts';
import { colourTable } from './colour-table.ts';
import { defaultMaximumPixels } from './decode-photograph.ts';
import { indexedPng } from './indexed-png.ts';

type Drawing = DrawRequest['as'];

/** @throws where the bytes cannot be decoded */
export const drawImage = (bytes: Uint8Array, as: Drawing): Promise<DrawnImage> =>
  as.kind === 'photograph' ? photograph(bytes, as.side) : colouredMap(bytes, as);

async function photograph(bytes: Uint8Array, side: number): Promise<DrawnImage> {
  const { data, info } = await sharp(bytes, { limitInputPixels: defaultMaximumPixels })
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .jpeg({ quality: 82 })
    .toBuffer({ resolveWithObject: true });
  return { src: `data:image/jpeg;base64,${data.toString('base64')}`, width: info.width, height: info.height };
}

/** A map whose sides are longer is averaged over squares; one that is much shorter is drawn in larger squares. */
async function colouredMap(
  bytes: Uint8Array,
  { side, from, to, ...stored }: Extract<Drawing, { kind: 'map' }>,
): Promise<DrawnImage> {
  const { width, height, data } = averaged(await decodeMap(bytes, stored), side);
  const factor = Math.max(1, Math.floor(side / Math.max(width, height)));
  const indices = new Uint8Array(width * factor * height * factor);
  for (let y = 0; y < height * factor; y++)
    for (let x = 0; x < width * factor; x++) {
      const value = data[Math.floor(y / factor) * width + Math.floor(x / factor)]!;
      const share = to > from ? (value - from) / (to - from) : 0;
      indices[y * width * factor + x] = Math.round(255 * Math.min(1, Math.max(0, share)));
    }
  const png = indexedPng(width * factor, height * factor, indices, colourTable);
  return {
    src: `data:image/png;base64,${png.toString('base64')}`,
    width: width * factor,
    height: height * factor,
  };
}

type Values = { width: number; height: number; data: Float32Array };

function averaged(map: Values, side: number): Values {
  const factor = Math.ceil(Math.max(map.width, map.height) / side);
  if (factor <= 1) return map;
  const [width, height] = [Math.ceil(map.width / factor), Math.ceil(map.height / factor)];
  const sums = new Float64Array(width * height);
  const counts = new Uint32Array(width * height);
  for (let y = 0; y < map.height; y++)
    for (let x = 0; x < map.width; x++) {
      const at = Math.floor(y / factor) * width + Math.floor(x / factor);
      sums[at]! += map.data[y * map.width + x]!;
      counts[at]!++;
    }
  return { width, height, data: Float32Array.from(sums, (sum, at) => sum / counts[at]!) };
}
