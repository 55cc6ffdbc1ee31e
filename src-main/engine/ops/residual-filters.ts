/** Fixed high-pass filters that suppress what a picture shows and keep what its history left in the noise. */
import * as tf from '@tensorflow/tfjs-core';

/** Second-order, square 5x5 and horizontal filters of the spatial rich model, with their normalisers. */
const FILTERS: { values: number[]; divisor: number }[] = [
  { values: [0, 0, 0, 0, 0, 0, -1, 2, -1, 0, 0, 2, -4, 2, 0, 0, -1, 2, -1, 0, 0, 0, 0, 0, 0], divisor: 4 },
  {
    values: [-1, 2, -2, 2, -1, 2, -6, 8, -6, 2, -2, 8, -12, 8, -2, 2, -6, 8, -6, 2, -1, 2, -2, 2, -1],
    divisor: 12,
  },
  { values: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, -2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], divisor: 2 },
];
const SIZE = 5;

/**
 * Three residuals of each colour channel, by one convolution with a kernel that does not mix channels.
 * @param rgb `[n, h, w, 3]`
 * @returns `[n, h, w, 9]`, in the unit of the input
 * Fridrich and Kodovsky, Rich Models for Steganalysis of Digital Images, IEEE TIFS 2012; chosen as in Zhou et al., CVPR 2018.
 */
export function residualFilters(rgb: tf.Tensor4D): tf.Tensor4D {
  const outputs = 3 * FILTERS.length;
  const kernel = new Float32Array(SIZE * SIZE * 3 * outputs);
  FILTERS.forEach(({ values, divisor }, f) => {
    values.forEach((value, tap) => {
      for (let c = 0; c < 3; c++) kernel[(tap * 3 + c) * outputs + c * FILTERS.length + f] = value / divisor;
    });
  });
  return tf.conv2d(rgb, tf.tensor4d(kernel, [SIZE, SIZE, 3, outputs]), 1, 'same');
}
