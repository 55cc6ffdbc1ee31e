/** A JPEG round trip that gradients pass through (without chroma subsampling and entropy coding, which loses nothing). */
import * as tf from '@tensorflow/tfjs-core';
import { fromBlocks, inverseTransformBlocks, toBlocks, transformBlocks } from './block-dct.ts';
import { centredYcbcrToRgb, rgbToCentredYcbcr } from './colour.ts';

/** ITU-T T.81, Annex K, tables K.1 and K.2. */
const LUMA = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22,
  29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103,
  121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];
const CHROMA = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
];

/** A table scaled for a quality in 1 to 100, as libjpeg's jpeg_quality_scaling does it. */
export function quantisationTable(table: 'luma' | 'chroma', quality: number): number[] {
  if (!(quality >= 1 && quality <= 100))
    throw new Error(`quantisationTable: quality ${quality} is not in 1 to 100`);
  const scale = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  return (table === 'luma' ? LUMA : CHROMA).map((q) =>
    Math.min(255, Math.max(1, Math.floor((q * scale + 50) / 100))),
  );
}

/** Rounds half to even; the gradient passes straight through (Bengio et al., 2013). */
const roundStraightThrough = (x: tf.Tensor): tf.Tensor =>
  tf.customGrad((input) => ({ value: tf.round(input as tf.Tensor), gradFunc: (dy) => dy }))(x);

/**
 * Colour conversion, 8x8 DCT, quantisation and the way back.
 * @param rgb `[n, h, w, 3]`, [0, 255], h and w multiples of 8
 * @param quality 1 to 100
 * @returns `[n, h, w, 3]`, clamped to [0, 255], not rounded
 */
export function jpegSimulation(rgb: tf.Tensor4D, quality: number): tf.Tensor4D {
  const [n, height, width] = rgb.shape;
  const planes = tf.reshape(tf.transpose(rgbToCentredYcbcr(rgb), [0, 3, 1, 2]), [
    -1,
    height,
    width,
  ]) as tf.Tensor3D;
  const coefficients = transformBlocks(toBlocks(planes, 'jpegSimulation')); // [n 3, h/8, w/8, 64]
  const chroma = quantisationTable('chroma', quality);
  const tables = tf.tensor5d([...quantisationTable('luma', quality), ...chroma, ...chroma], [1, 3, 1, 1, 64]);
  const apart = tf.reshape(coefficients, [n, 3, height / 8, width / 8, 64]);
  const dequantised = tf.mul(roundStraightThrough(tf.div(apart, tables)), tables);
  const back = fromBlocks(inverseTransformBlocks(tf.reshape(dequantised, coefficients.shape)));
  const ycc = tf.transpose(tf.reshape(back, [n, 3, height, width]), [0, 2, 3, 1]) as tf.Tensor4D;
  return tf.clipByValue(centredYcbcrToRgb(ycc), 0, 255);
}
