import { expect, test } from 'vitest';
import { pictureFeatures } from '#inference/picture-features.ts';

const map = (data: Float32Array | Uint16Array, width: number) => ({
  width,
  height: data.length / width,
  data,
});

test('the features of a picture are its spectral bands, local energy, and the moments of its maps', () => {
  const side = 64;
  // The spectrum says how far from the zero frequency it is; the zero frequency itself is huge.
  const spectrum = Float32Array.from({ length: side * side }, (_, i) =>
    i === 0 ? 1e9 : Math.floor((8 * Math.hypot((i % side) / side, Math.floor(i / side) / side)) / Math.SQRT2),
  );
  const maps = {
    localSpectrum: map(Float32Array.from([1, 3]), 2),
    // In 16 bits, 65535 stands for 1.
    simulation: map(Uint16Array.from([0, 65535]), 2),
    kernels: [map(Float32Array.from([0.25, 0.25]), 2)],
  };
  const features = pictureFeatures(maps, map(spectrum, side));
  expect(features.slice(0, 8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(features.slice(8)).toEqual(
    [Math.log(2.001), Math.log(1.001), 0.5, 0.5, 0.25].map((value) => expect.closeTo(value, 6)),
  );
});
