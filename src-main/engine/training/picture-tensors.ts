/** Plain arrays and pictures as tensors' host arrays, and back. */
import type { HostTensor, RgbImage } from '../ports.ts';
import { toByte } from './crops.ts';

export const float32 = (shape: number[], data: Float32Array): HostTensor => ({
  dtype: 'float32',
  shape,
  data,
});

/** Crops of one size as one tensor `[n, S, S, 3]`, [0, 255]. */
export function picturesTensor(crops: readonly RgbImage[]): HostTensor {
  const side = crops[0]!.width;
  const size = side * side * 3;
  const data = new Float32Array(crops.length * size);
  crops.forEach((crop, i) => data.set(crop.data, i * size));
  return float32([crops.length, side, side, 3], data);
}

/** One picture out of a tensor `[n, S, S, 3]`, rounded to 8 bits. */
export function pictureAt(tensor: HostTensor, index: number): RgbImage {
  const side = tensor.shape[1]!;
  const size = side * side * 3;
  const data = new Uint8Array(size);
  for (let p = 0; p < size; p++) data[p] = toByte(tensor.data[index * size + p]!);
  return { width: side, height: side, data };
}
