/** Trace -> ONNX graph, one lowering per kernel call. No optimisation happens here: see `passes/`. */
import { AppError } from '#contract/errors.ts';
import { type Dim, describeShape, isFixed, isFixedShape } from './batch-dim.ts';
import { GraphBuilder, type Value } from './graph-builder.ts';
import { findLowering } from './lowering/all-lowerings.ts';
import { filled } from './lowering/shaping.ts';
import type { LoweringCall } from './lowering/lowering.ts';
import type { OnnxDtype, OnnxGraph } from './onnx-graph.ts';
import type { Trace, TraceCall, TraceValue } from './trace.ts';

export interface LowerOptions {
  /** Element types of graph inputs that differ from the traced ones; the graph casts them. */
  inputDtypes?: Record<string, OnnxDtype>;
  /** Put before every output's name, so that an output may have the name of an input. */
  outputPrefix?: string;
}

/** @throws AppError naming the kernel and the line that called it, where a kernel has no lowering. */
export function lowerTrace(name: string, trace: Trace, options: LowerOptions = {}): OnnxGraph {
  const g = new GraphBuilder(name);
  const values = new Map<number, Value>();
  for (const [inputName, value] of Object.entries(trace.inputs)) {
    const dtype = options.inputDtypes?.[inputName] ?? value.dtype;
    const input = g.input(inputName, dtype, value.shape);
    if (!g.batchInput && value.shape[0] !== undefined && !isFixed(value.shape[0])) g.batchInput = input;
    values.set(value.id, g.cast(input, value.dtype));
  }
  for (const { value, data } of trace.constants)
    values.set(
      value.id,
      isFixedShape(value.shape)
        ? g.constant(data, value.dtype, value.shape)
        : filled(g, data[0]!, value.dtype, value.shape),
    );
  trace.calls.forEach((call, index) => {
    g.scope = `${call.kernel}_${index}`;
    const lower = findLowering(call.kernel);
    if (!lower)
      throw new AppError('internal', `The kernel ${call.kernel}, called at ${call.caller}, has no lowering.`);
    const result = lower(new Call(call, values), g);
    const made = Array.isArray(result) ? result : [result];
    call.outputs.forEach((output, i) => values.set(output.id, checked(call, made[i]!, output)));
  });
  g.scope = 'outputs';
  for (const [outputName, traced] of Object.entries(trace.outputs)) {
    const value = values.get(traced.id)!;
    const publicName = (options.outputPrefix ?? '') + outputName;
    if (g.graph.inputs.includes(publicName))
      throw new AppError('internal', `The function has both an input and an output named "${publicName}".`);
    g.output(publicName, value.dtype === 'bool' ? g.cast(value, 'int32') : value);
  }
  return g.graph;
}

class Call implements LoweringCall {
  readonly kernel: string;
  readonly outputs: LoweringCall['outputs'];
  readonly #call: TraceCall;
  readonly #values: Map<number, Value>;

  constructor(call: TraceCall, values: Map<number, Value>) {
    this.kernel = call.kernel;
    this.outputs = call.outputs.map(({ dtype, shape }) => ({ dtype, shape }));
    this.#call = call;
    this.#values = values;
  }

  input(name: string): Value {
    const value = this.optional(name);
    if (!value) throw this.error(`has no input "${name}"`);
    return value;
  }

  optional(name: string): Value | null {
    const traced = this.#call.inputs[name] as TraceValue | undefined;
    return traced ? this.#value(traced) : null;
  }

  list(): Value[] {
    return Object.values(this.#call.inputs)
      .flat()
      .map((traced) => this.#value(traced));
  }

  attr<T>(name: string): T {
    return this.#call.attrs[name] as T;
  }

  fixed(dim: Dim): number {
    if (isFixed(dim)) return dim;
    throw this.error(`needs a fixed dimension, but ${describeShape([dim])} depends on the batch`);
  }

  fixedShape(shape: readonly Dim[]): number[] {
    return shape.map((dim) => this.fixed(dim));
  }

  error(problem: string): AppError {
    return new AppError('internal', `${this.kernel}, called at ${this.#call.caller}, ${problem}.`);
  }

  #value(traced: TraceValue): Value {
    const value = this.#values.get(traced.id);
    if (!value) throw this.error('uses a tensor that was not recorded');
    return value;
  }
}

/** A lowering must return what the kernel returned; anything else is a fault of the lowering. */
function checked(call: TraceCall, made: Value, traced: TraceValue): Value {
  const same = describeShape(made.shape) === describeShape(traced.shape) && made.dtype === traced.dtype;
  if (same) return made;
  const was = `${traced.dtype}${describeShape(traced.shape)}`;
  const is = `${made.dtype}${describeShape(made.shape)}`;
  throw new AppError(
    'internal',
    `${call.kernel}, called at ${call.caller}, gave ${was} but lowers to ${is}.`,
  );
}
