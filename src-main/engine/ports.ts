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

/** How a picture is or was coded as JPEG: quality 1 to 100 as libjpeg counts it, and the sampling of the chroma planes. */
export interface JpegCoding {
  quality: number;
  chromaSubsampling: '4:4:4' | '4:2:0';
}

/** A real JPEG codec. Encodes and decodes again, with the quality and chroma subsampling given. */
export interface JpegCodec {
  roundTrip(image: RgbImage, coding: JpegCoding): Promise<RgbImage>;
}

/** Photographs by index. */
export interface PhotographSource {
  readonly count: number;
  /** Decoded pixels, or an 8-aligned window of a very large photograph; the same at every call. */
  read(index: number): Promise<RgbImage>;
  /** How its file is coded; null where it is no JPEG. A source without this does not know, which counts as null. */
  coding?(index: number): Promise<JpegCoding | null>;
}

/** Pictures labelled simulated that offer crops to train on (`fairPlaces` of training/known-fakes.ts). */
export interface KnownFakeSource extends PhotographSource {
  /** What was manipulated, `[height * width]` of what `read` gives, 1 or 0; null where all of it is simulated. */
  mask(index: number): Promise<Uint8Array | null>;
}

/** What training draws crops from. */
export interface TrainingPhotographs {
  /** Real photographs: the real class, and the hosts x_r of blends. */
  real: PhotographSource;
  /**
   * Where foreign regions x_s come from: the real ones at the same indices, then the references. A reference may be a real
   * or a simulated picture: it only lends what stands under a mask, where M = 1 says that it does not belong, and is never
   * a host nor a sample of the real class.
   */
  foreign: PhotographSource;
  /** Further simulated samples; absent where there are none. */
  knownFakes?: KnownFakeSource;
}
