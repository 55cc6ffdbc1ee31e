/**
 * A network's parameters as one flat vector, and their names. One vector lets the optimiser, the moving average, the
 * gradient clipping and the checkpoint treat a network as a whole.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../random.ts';

export type NamedTensors = Record<string, tf.Tensor>;

export interface ParameterSpec {
  name: string;
  shape: number[];
  /** Standard deviation of a normal start about zero, or one constant. */
  initial: { deviation: number } | { constant: number };
}

/** He et al. 2015: deviation `sqrt(2 / fan-in)` for layers before a rectifier. `[kh, kw, ci, co]` */
export const convolutionKernel = (name: string, size: number, ci: number, co: number): ParameterSpec => ({
  name,
  shape: [size, size, ci, co],
  initial: { deviation: Math.sqrt(2 / (size * size * ci)) },
});

/**
 * A kernel before a normalisation, which takes its scale away again: a start as small as `sqrt(1 / (3 fan-in))` (that of a
 * uniform one in `+-1 / sqrt(fan-in)`, LeCun et al., Efficient BackProp, 1998) only lets each step of Adam turn it further.
 */
export const normalisedKernel = (name: string, size: number, ci: number, co: number): ParameterSpec => ({
  name,
  shape: [size, size, ci, co],
  initial: { deviation: Math.sqrt(1 / (3 * size * size * ci)) },
});

export const constantVector = (name: string, length: number, constant: number): ParameterSpec => ({
  name,
  shape: [length],
  initial: { constant },
});

/** Fully connected weights `[inputs, outputs]`, deviation `sqrt(1 / inputs)`. */
export const denseWeights = (name: string, inputs: number, outputs: number): ParameterSpec => ({
  name,
  shape: [inputs, outputs],
  initial: { deviation: Math.sqrt(1 / inputs) },
});

const sizeOf = (spec: ParameterSpec): number => spec.shape.reduce((a, b) => a * b, 1);

export class ParameterLayout {
  readonly specs: readonly ParameterSpec[];
  readonly size: number;

  constructor(specs: readonly ParameterSpec[]) {
    const names = new Set(specs.map((s) => s.name));
    if (names.size !== specs.length) throw new Error('ParameterLayout: two parameters have one name');
    this.specs = specs;
    this.size = specs.reduce((total, spec) => total + sizeOf(spec), 0);
  }

  /** The starting vector; the same seed gives the same values. */
  initialise(random: Random): Float32Array {
    const flat = new Float32Array(this.size);
    let offset = 0;
    for (const spec of this.specs) {
      const end = offset + sizeOf(spec);
      if ('constant' in spec.initial) flat.fill(spec.initial.constant, offset, end);
      else for (let i = offset; i < end; i++) flat[i] = random.normal(0, spec.initial.deviation);
      offset = end;
    }
    return flat;
  }

  /** The named tensors in a flat vector `[size]`. */
  unpack(flat: tf.Tensor1D): NamedTensors {
    if (flat.size !== this.size)
      throw new Error(`ParameterLayout: ${flat.size} values for ${this.size} parameters`);
    const named: NamedTensors = {};
    let offset = 0;
    for (const spec of this.specs) {
      named[spec.name] = tf.reshape(tf.slice1d(flat, offset, sizeOf(spec)), spec.shape);
      offset += sizeOf(spec);
    }
    return named;
  }

  /** The flat vector `[size]` of named tensors. */
  pack(named: NamedTensors): tf.Tensor1D {
    return tf.concat1d(
      this.specs.map((spec) => tf.reshape(parameter(named, spec.name), [-1]) as tf.Tensor1D),
    );
  }

  /** Views into a flat array, by name, for writing and reading files. */
  views(flat: Float32Array): Record<string, { shape: number[]; data: Float32Array }> {
    if (flat.length !== this.size)
      throw new Error(`ParameterLayout: ${flat.length} values for ${this.size} parameters`);
    const views: Record<string, { shape: number[]; data: Float32Array }> = {};
    let offset = 0;
    for (const spec of this.specs) {
      views[spec.name] = { shape: spec.shape, data: flat.subarray(offset, offset + sizeOf(spec)) };
      offset += sizeOf(spec);
    }
    return views;
  }
}

/** One parameter by name. @throws Error that names it where it is missing. */
export function parameter<T extends tf.Tensor>(named: NamedTensors, name: string): T {
  const found = named[name];
  if (!found) throw new Error(`parameter ${name} is missing`);
  return found as T;
}
