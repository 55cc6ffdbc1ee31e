/** The detector's formulas, as it wires the operations together. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { initWasm } from '#compute/backends/wasm.ts';
import { detector, detectorLayout, detectorRunningLayout, spectra } from '#engine/models/detector.ts';
import { frozenNormalisation, normalisedConvolution } from '#engine/models/layers.ts';
import type { FrequencyBands } from '#engine/models/network-config.ts';
import type { NamedTensors } from '#engine/models/parameters.ts';
import { lowRankDenoise } from '#engine/ops/low-rank.ts';
import { residualFilters } from '#engine/ops/residual-filters.ts';
import { networkConfig } from '#engine/training/training-config.ts';
import { drawnState, tiles } from '#tests/support/exported-detector.ts';

beforeAll(initWasm);

const COUNT = 2;
const pictures = (): tf.Tensor4D => tf.tensor4d(Float32Array.from(tiles(COUNT, 64)), [COUNT, 64, 64, 3]);
const plain = (): NamedTensors => ({
  'global.mean': tf.scalar(0),
  'global.deviation': tf.scalar(1),
  'local.mean': tf.scalar(0),
  'local.deviation': tf.scalar(1),
});

/** Weights and running moments of a detector, drawn at random. */
function drawn(bands: FrequencyBands) {
  const { config, vectors } = drawnState({ kernels: 3, frequencyBands: bands });
  const network = networkConfig(config);
  return {
    network,
    weights: detectorLayout(network).unpack(tf.tensor1d(vectors.detectorAverage)),
    running: detectorRunningLayout(network).unpack(tf.tensor1d(vectors.detectorAverageRunning)),
  };
}

/** Runs such a detector, some of its weights replaced. */
function run(
  changes: NamedTensors = {},
  spectral: NamedTensors = plain(),
  { bands = 'both' as FrequencyBands, pixels = pictures() } = {},
) {
  const { network, running, ...own } = drawn(bands);
  const weights = { ...own.weights, ...changes };
  return detector(pixels, weights, spectral, frozenNormalisation(weights, running), network);
}
const logits = (...args: Parameters<typeof run>): number[] => Array.from(run(...args).logit.dataSync());
const largest = (t: tf.Tensor): number => tf.max(tf.abs(t)).dataSync()[0]!;

test('P_i = sigmoid(K_i * F_s + b_i), and P is their mean', () => {
  const bias = [-1, 0, 2];
  const { maps, map } = run({
    'maps.kernel': tf.zeros([3, 3, 48, 3]),
    'maps.bias': tf.tensor1d(bias),
  });
  const expected = bias.map((b) => 1 / (1 + Math.exp(-b)));
  expect(largest(tf.sub(maps, tf.tensor1d(expected)))).toBeLessThan(1e-5);
  const free = run();
  expect(largest(tf.sub(free.map, tf.mean(free.maps, 3)))).toBeLessThan(1e-6);
  expect(largest(tf.sub(map, expected.reduce((a, b) => a + b) / 3))).toBeLessThan(1e-5);
  expect(tf.moments(free.map).variance.dataSync()[0], 'P follows the picture').toBeGreaterThan(1e-6);
});

test('F_s comes from RGB - .5 and tanh(residuals / 4), with the coarser level added', () => {
  const { weights, running } = drawn('both');
  const layer = (x: tf.Tensor4D, name: string, stride: 1 | 2) =>
    normalisedConvolution(x, weights, `spatial.${name}`, stride, frozenNormalisation(weights, running));
  const pixels = pictures();
  const residuals = tf.tanh(tf.div(residualFilters(pixels), 4));
  const input = tf.concat([tf.sub(tf.div(pixels, 255), 0.5), residuals], 3) as tf.Tensor4D;
  const fine = layer(layer(layer(layer(input, 'c1', 2), 'c2', 1), 'c3', 2), 'c4', 1);
  const coarse = layer(layer(fine, 'c5', 2), 'context', 1);
  const features = tf.add(fine, tf.image.resizeNearestNeighbor(coarse, [16, 16])) as tf.Tensor4D;
  const convolved = tf.conv2d(features, weights['maps.kernel'] as tf.Tensor4D, 1, 'same');
  const maps = tf.sigmoid(tf.add(convolved, weights['maps.bias']!));
  expect(largest(tf.sub(run().maps, maps))).toBeLessThan(1e-5);
});

test('the logit is the classifier on the means and then the maxima of the 64 joined features', () => {
  const classifier = (...halves: [means: number, maxima: number]) => ({
    'classifier.weights': tf.concat2d(
      halves.map((weight) => tf.fill([64, 1], weight) as tf.Tensor2D),
      0,
    ),
    'classifier.bias': tf.tensor1d([0.7]),
  });
  for (const logit of logits(classifier(0, 0))) expect(logit).toBeCloseTo(0.7, 5);
  const [means, maxima] = [logits(classifier(1, 0)), logits(classifier(0, 1))];
  means.forEach((mean, n) => {
    expect(mean).toBeGreaterThan(0.8); // features are rectified
    expect(maxima[n]).toBeGreaterThan(mean + 0.5);
    expect(logits(classifier(-1, 2))[n]).toBeCloseTo(2 * (maxima[n]! - 0.7) - (mean - 0.7) + 0.7, 2);
  });
});

describe('the spectra', () => {
  test('global: ln(1 + |DCT|) of centred YCbCr, the luma of which is shown', () => {
    // A horizontal cosine of frequency 3 on grey 128: one coefficient of luma, amplitude sqrt(64 / 2) * sqrt(64).
    const amplitude = 40;
    const data = Float32Array.from({ length: 64 * 64 * 3 }, (_, i) => {
      const x = Math.floor(i / 3) % 64;
      return 128 + amplitude * Math.cos((Math.PI * (2 * x + 1) * 3) / 128);
    });
    const pixels = tf.tensor4d(data, [1, 64, 64, 3]);
    const expected = Math.log(1 + amplitude * Math.sqrt(32) * 8);
    const { global } = spectra(pixels);
    expect(global.arraySync()[0]![0]![3]![0]).toBeCloseTo(expected, 3);
    expect(largest(global) - expected).toBeLessThan(1e-3);
    const shown = run({}, plain(), { pixels }).globalSpectrum;
    expect(largest(tf.sub(shown, global.slice([0, 0, 0, 0], [1, 64, 64, 1]).reshape([1, 64, 64])))).toBe(0);
  });

  test('local: sign(c) ln(1 + |c|) of the luma of each 8x8 block', () => {
    const grey = tf.fill([1, 64, 64, 3], 100) as tf.Tensor4D; // every block: DC of 8 (100 - 128)
    const values = spectra(grey).local.arraySync()[0]!;
    for (const block of values) {
      expect(block[0]).toBeCloseTo(-Math.log(1 + 8 * 28), 4);
      expect(Math.max(...block.slice(1).map(Math.abs))).toBeLessThan(1e-3);
    }
  });

  test('the spectrum of each block, and what the low-rank denoising leaves of it, are shown as root mean squares in deviations', () => {
    const spectral = { ...plain(), 'local.mean': tf.fill([1, 1, 64], 0.3), 'local.deviation': tf.scalar(2) };
    const { rank, subspacePasses } = drawnState().config;
    const a = tf.div(tf.sub(spectra(pictures()).local, 0.3), 2) as tf.Tensor3D;
    const { residual } = lowRankDenoise(a, rank, subspacePasses);
    const expected = tf.reshape(tf.sqrt(tf.mean(tf.square(residual), 2)), [COUNT, 8, 8]);
    const { localSpectrum, blockSpectrum } = run({}, spectral);
    expect(largest(tf.sub(localSpectrum, expected))).toBeLessThan(1e-4);
    const whole = tf.reshape(tf.sqrt(tf.mean(tf.square(a), 2)), [COUNT, 8, 8]);
    expect(largest(tf.sub(blockSpectrum, whole))).toBeLessThan(1e-4);
    expect(tf.min(tf.sub(blockSpectrum, localSpectrum)).dataSync()[0]).toBeGreaterThan(0);
  });
});

/** Features of the picture do not reach the last fusion: only the bands do. */
const bandsOnly = (bands: number) => {
  const kernel = tf.randomNormal([1, 1, 64 * (1 + bands), 64], 0, 0.1, 'float32', 3);
  const mask = tf.concat([tf.zeros([1, 1, 64, 64]), tf.ones([1, 1, 64 * bands, 64])], 2);
  return { 'fusion.kernel': tf.mul(kernel, mask) };
};

describe.each(['global', 'local'] as const)('the %s band', (band) => {
  test('sees its spectrum less the mean: with their own spectrum as mean, two pictures are one', () => {
    const [one, other] = [pictures(), tf.reverse(tf.mul(pictures(), 0.5), 2) as tf.Tensor4D];
    const logitOf = (pixels: tf.Tensor4D, mean: tf.Tensor) =>
      logits(bandsOnly(1), { ...plain(), [`${band}.mean`]: mean }, { bands: band, pixels })[0]!;
    const own = (pixels: tf.Tensor4D) => spectra(pixels)[band];
    expect(logitOf(one, own(one))).toBeCloseTo(logitOf(other, own(other)), 3);
    expect(Math.abs(logitOf(one, tf.scalar(0)) - logitOf(other, tf.scalar(0)))).toBeGreaterThan(1e-2);
  });

  test('sees it in deviations: twice the deviation is half the first kernel', () => {
    const name = `${band}.c1.kernel`;
    const kernel = drawn(band).weights[name]!;
    const wide = { ...plain(), [`${band}.deviation`]: tf.scalar(2) };
    const [a, b] = [
      logits(bandsOnly(1), wide, { bands: band })[0]!,
      logits({ ...bandsOnly(1), [name]: tf.mul(kernel, 0.5) }, plain(), { bands: band })[0]!,
    ];
    expect(a).toBeCloseTo(b, 3);
    expect(Math.abs(a - logits(bandsOnly(1), plain(), { bands: band })[0]!)).toBeGreaterThan(1e-3);
  });
});

test('M_c joins the bands: shut, each band goes by itself; open, each has the other added', () => {
  const attention = (bias: number) => ({
    'attention.kernel': tf.zeros([1, 1, 128, 64]),
    'attention.bias': tf.fill([64], bias),
  });
  // With a fusion that sees F_g' alone, an open mask lets the local band in, a shut one does not.
  const globalOnly = () => {
    const rows = tf.concat([tf.zeros([64]), tf.ones([64]), tf.zeros([64])]).reshape([1, 1, 192, 1]);
    return { 'fusion.kernel': tf.mul(tf.randomNormal([1, 1, 192, 64], 0, 0.1, 'float32', 3), rows) };
  };
  const logit = (bias: number, localDeviation: number) =>
    logits(
      { ...attention(bias), ...globalOnly() },
      { ...plain(), 'local.deviation': tf.scalar(localDeviation) },
    )[0]!;
  expect(logit(-50, 1)).toBeCloseTo(logit(-50, 9), 5);
  expect(Math.abs(logit(50, 1) - logit(50, 9))).toBeGreaterThan(1e-3);
});
