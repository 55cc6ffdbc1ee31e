/**
 * What a trace is: the kernel calls of one run of a tensor function, with shapes, attributes and tensor identities.
 * It holds no values except those of constants. How it is recorded stands in `recording-backend.ts`; how it becomes an
 * ONNX graph in `lower-trace.ts`.
 */
import type { Dim } from './batch-dim.ts';

export type TraceDtype = 'float32' | 'int32' | 'bool';
export type ConstantData = Float32Array | Int32Array | Uint8Array;

/** One tensor of the trace. Two tensors with the same `id` are the same value. */
export interface TraceValue {
  id: number;
  shape: Dim[];
  dtype: TraceDtype;
}

/** One kernel call. `caller` is the line of the traced program that led to it, for messages. */
export interface TraceCall {
  kernel: string;
  inputs: Record<string, TraceValue | TraceValue[]>;
  attrs: Record<string, unknown>;
  outputs: TraceValue[];
  caller: string;
}

/** A tensor that the traced function used but did not make: weights, tables, numbers. */
export interface TraceConstant {
  value: TraceValue;
  data: ConstantData;
  /** Kernel and line of its first use, for messages. */
  firstUse: string;
}

export interface Trace {
  calls: TraceCall[];
  inputs: Record<string, TraceValue>;
  outputs: Record<string, TraceValue>;
  constants: TraceConstant[];
}
