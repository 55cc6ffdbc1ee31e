/** What a lowering is: it turns one kernel call into ONNX nodes and returns the values of the call's outputs. */
import type { AppError } from '#contract/errors.ts';
import type { Dim } from '../batch-dim.ts';
import type { GraphBuilder, Value } from '../graph-builder.ts';
import type { ValueType } from '../onnx-graph.ts';

export interface LoweringCall {
  kernel: string;
  /** The tensor of that name; throws where the call has none. */
  input(name: string): Value;
  optional(name: string): Value | null;
  /** The tensors of a kernel that takes a list. */
  list(): Value[];
  attr<T>(name: string): T;
  outputs: ValueType[];
  /** A dimension that must not depend on the batch. */
  fixed(dim: Dim): number;
  fixedShape(shape: readonly Dim[]): number[];
  /** An error about this call, with the line that made it. */
  error(problem: string): AppError;
}

export type Lowering = (call: LoweringCall, g: GraphBuilder) => Value | Value[];
export type Lowerings = Record<string, Lowering>;
