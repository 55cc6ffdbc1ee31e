/** Whether two near pictures are one and the same, saved in two ways, or differ somewhere, as an original and its manipulation. */
import sharp from 'sharp';

/** Side of the comparison in pixels, and of its blocks. */
const side = 128;
const block = 16;
/** Grey levels by which the means of a block differ at most where nothing but the coding differs. */
const tolerance = 2.5;

/** Means of 8 x 8 blocks of a thumbnail, in grey levels. */
export async function blockMeans(thumbnail: string): Promise<Float64Array> {
  const grey = await sharp(thumbnail).greyscale().resize(side, side, { fit: 'fill' }).raw().toBuffer();
  const blocks = side / block;
  const means = new Float64Array(blocks * blocks);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      means[Math.floor(y / block) * blocks + Math.floor(x / block)]! += grey[y * side + x]! / (block * block);
  return means;
}

/** From the block means of both. */
export const lookSame = (a: Float64Array, b: Float64Array): boolean =>
  a.every((mean, i) => Math.abs(mean - b[i]!) <= tolerance);
