/**
 * What the engine needs from its host. The engine knows no Node, no DOM and no Electron: hosts supply these.
 */
import type * as tf from '@tensorflow/tfjs-core';

/** A tensor's value outside any backend: row-major, NHWC where it is a picture. */
export type HostTensor =
  | { dtype: 'float32'; shape: number[]; data: Float32Array }
  | { dtype: 'int32'; shape: number[]; data: Int32Array };

/**
 * A pure function of named tensors: weights, moments, batch and random draws come in; losses, new weights and moments
 * come out. It reads no values, draws no random numbers and keeps no state, so that it can run eagerly on any
 * TensorFlow.js backend or be traced and compiled.
 */
export type TensorFunction = (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>;

/** A prepared function, bound to the shapes of the example that it was prepared with. */
export interface PreparedFunction {
  run(inputs: Record<string, HostTensor>): Promise<Record<string, HostTensor>>;
  dispose(): Promise<void>;
}

/** One place where tensor functions run. */
export interface ComputeBackend {
  /** `wasm`, `ort`, `cuda` */
  readonly name: string;
  readonly provider: string;
  readonly device: string;
  /** `example` gives names, dtypes and shapes; its values do not matter. */
  prepare(name: string, fn: TensorFunction, example: Record<string, HostTensor>): Promise<PreparedFunction>;
  dispose(): Promise<void>;
}

/** Pixels of one photograph as decoded: 8-bit RGB, row-major, three bytes a pixel. */
export interface RgbImage {
  width: number;
  height: number;
  data: Uint8Array;
}

/** A real JPEG codec. Encodes and decodes again, with the quality and chroma subsampling given. */
export interface JpegCodec {
  roundTrip(
    image: RgbImage,
    options: { quality: number; chromaSubsampling: '4:4:4' | '4:2:0' },
  ): Promise<RgbImage>;
}

/** Photographs by index. */
export interface PhotographSource {
  readonly count: number;
  /** Decoded pixels, or an 8-aligned window of a very large photograph; the same at every call. */
  read(index: number): Promise<RgbImage>;
}

/** What training draws crops from. */
export interface TrainingPhotographs {
  /** Real photographs: the real class, and the hosts of blends. */
  real: PhotographSource;
  /** Where foreign regions and styles come from: the real ones at the same indices, then the references. */
  foreign: PhotographSource;
}
