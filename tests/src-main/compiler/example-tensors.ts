/** Deterministic example tensors for the compiler's tests and measurements. */
import type { HostTensor } from '#engine/ports.ts';

export type Feeds = Record<string, HostTensor>;

/** A small deterministic generator of numbers in [0, 1). */
export function numbers(seed: number): () => number {
  let state = seed * 2654435761 + 1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 3266489917) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

/** Floats in [low, high). */
export function floats(shape: number[], seed = 1, low = -1, high = 1): HostTensor {
  const next = numbers(seed);
  const data = Float32Array.from(
    { length: shape.reduce((size, dim) => size * dim, 1) },
    () => low + (high - low) * next(),
  );
  return { dtype: 'float32', shape, data };
}

/** Integers in [low, high). */
export function integers(shape: number[], seed = 1, low = -9, high = 10): HostTensor {
  const { data } = floats(shape, seed, low, high);
  return { dtype: 'int32', shape, data: Int32Array.from(data, Math.floor) };
}
