/** One recording: turns kernel calls, as they happen, into a `Trace`. */
import type * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#contract/errors.ts';
import { calledMethod, callerLine } from './caller-line.ts';
import { resolveAttributes } from './resolve-attributes.ts';
import type { ConstantData, Trace, TraceDtype, TraceValue } from './trace.ts';

type TensorLike = Pick<tf.TensorInfo, 'dataId' | 'shape' | 'dtype'>;
type Inputs = Record<string, TensorLike | TensorLike[] | null | undefined>;

const readers = [
  'dataSync',
  'data',
  'arraySync',
  'array',
  'bytes',
  'print',
  'toString',
  'bufferSync',
  'buffer',
];

export class Recording {
  readonly trace: Trace = { calls: [], inputs: {}, outputs: {}, constants: [] };
  /** The first forbidden act, kept because asynchronous reads cannot throw where they are made. */
  failure: AppError | null = null;
  readonly #read: (dataId: object) => ConstantData;
  /** By data id: kernels such as Reshape give the same data another shape, so several values may share one id. */
  readonly #values = new Map<object, TraceValue[]>();
  #nextId = 0;

  constructor(read: (dataId: object) => ConstantData) {
    this.#read = read;
  }

  addInput(name: string, tensor: TensorLike): void {
    this.trace.inputs[name] = this.#define(tensor);
  }

  addOutput(name: string, tensor: TensorLike): void {
    this.trace.outputs[name] = this.#use(tensor, `the output "${name}"`);
  }

  record(
    kernel: string,
    inputs: Inputs,
    attrs: Record<string, unknown>,
    output: TensorLike | TensorLike[],
    caller: string,
  ): void {
    const used: Record<string, TraceValue | TraceValue[]> = {};
    const place = `${kernel}, called at ${caller}`;
    for (const [name, tensor] of Object.entries(inputs ?? {})) {
      if (tensor == null) continue;
      used[name] = Array.isArray(tensor)
        ? tensor.map((one) => this.#use(one, place))
        : this.#use(tensor, place);
    }
    const resolved = resolveAttributes(kernel, attrs, inputs);
    const outputs = (Array.isArray(output) ? output : [output]).map((tensor) => this.#define(tensor));
    this.trace.calls.push({ kernel, inputs: used, attrs: resolved, outputs, caller });
  }

  refuseRead(stack: string): AppError {
    const name = calledMethod(stack, readers) ?? 'a read';
    return this.#refuse(
      `The traced function reads values with ${name} at ${callerLine(stack)}; a compiled function cannot.`,
      'Keep the value a tensor, or pass it in as an input.',
    );
  }

  refuseRandom(stack: string): AppError {
    return this.#refuse(
      `The traced function draws random numbers at ${callerLine(stack)}; a compiled function would repeat them.`,
      'Draw them outside and pass them in as an input.',
    );
  }

  #refuse(message: string, hint: string): AppError {
    const error = new AppError('internal', message, { hint });
    this.failure ??= error;
    return error;
  }

  #define(tensor: TensorLike): TraceValue {
    const value = { id: this.#nextId++, shape: [...tensor.shape], dtype: traceDtype(tensor.dtype) };
    const known = this.#values.get(tensor.dataId) ?? [];
    this.#values.set(tensor.dataId, [value, ...known]);
    return value;
  }

  #use(tensor: TensorLike, place: string): TraceValue {
    const known = this.#values.get(tensor.dataId);
    if (!known) {
      const value = this.#define(tensor);
      this.trace.constants.push({ value, data: this.#read(tensor.dataId).slice(), firstUse: place });
      return value;
    }
    const same = known.find((value) => equalShapes(value.shape as number[], tensor.shape));
    if (same) return same;
    const reshaped = this.#define(tensor);
    this.trace.calls.push({
      kernel: 'Reshape',
      inputs: { x: known[0]! },
      attrs: {},
      outputs: [reshaped],
      caller: place,
    });
    return reshaped;
  }
}

const equalShapes = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((dim, i) => dim === b[i]);

function traceDtype(dtype: tf.DataType): TraceDtype {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new AppError('internal', `A traced function cannot use tensors of type ${dtype}.`);
}
