/** The frozen per-coefficient statistics m and s (s + .05) that standardise both frequency branches' inputs. */
import type * as tf from '@tensorflow/tfjs-core';
import { spectra, spectralLayout } from '../models/detector.ts';
import type { NetworkConfig } from '../models/network-config.ts';
import type { HostTensor, PreparedFunction, RgbImage, TensorFunction } from '../ports.ts';
import { picturesTensor } from './picture-tensors.ts';

/** Added to every deviation, so that a coefficient that hardly varies is not blown up. */
const DEVIATION_FLOOR = 0.05;

/** `pixels` `[n, S, S, 3]` -> `global` `[n, S, S, 3]`, `local` `[n, blocks, 64]` */
export const spectraFunction: TensorFunction = (inputs) => spectra(inputs['pixels'] as tf.Tensor4D);

/** Running sums of values and squares at each place, in double precision. */
class Moments {
  readonly #sum: Float64Array;
  readonly #squares: Float64Array;
  #count = 0;

  constructor(places: number) {
    this.#sum = new Float64Array(places);
    this.#squares = new Float64Array(places);
  }

  add(values: HostTensor['data']): void {
    const places = this.#sum.length;
    for (let i = 0; i < values.length; i++) {
      this.#sum[i % places]! += values[i]!;
      this.#squares[i % places]! += values[i]! ** 2;
    }
    this.#count += values.length / places;
  }

  mean(): Float32Array {
    return Float32Array.from(this.#sum, (s) => s / this.#count);
  }

  deviation(): Float32Array {
    return Float32Array.from(this.#squares, (q, i) => {
      const variance = q / this.#count - (this.#sum[i]! / this.#count) ** 2;
      return Math.sqrt(Math.max(0, variance)) + DEVIATION_FLOOR;
    });
  }
}

/**
 * The flat vector of `spectralLayout` from real crops that went through the same history as training crops.
 * @param prepared `spectraFunction` on some backend, for batches of `batch` crops
 */
export async function spectralStatistics(
  crops: readonly RgbImage[],
  batch: number,
  prepared: PreparedFunction,
  network: NetworkConfig,
): Promise<Float32Array> {
  const global = new Moments(network.crop ** 2 * 3);
  const local = new Moments(64);
  for (let i = 0; i + batch <= crops.length; i += batch) {
    const outputs = await prepared.run({ pixels: picturesTensor(crops.slice(i, i + batch)) });
    global.add(outputs['global']!.data);
    local.add(outputs['local']!.data);
  }
  const flat = new Float32Array(spectralLayout(network).size);
  let offset = 0;
  for (const values of [global.mean(), global.deviation(), local.mean(), local.deviation()]) {
    flat.set(values, offset);
    offset += values.length;
  }
  return flat;
}
