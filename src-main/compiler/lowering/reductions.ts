/** Sums, means, extremes, running sums and softmax along axes. */
import type { GraphBuilder, Value } from '../graph-builder.ts';
import { int } from '../onnx-graph.ts';
import type { Lowering, LoweringCall, Lowerings } from './lowering.ts';

/** The axes of a reducing kernel, non-negative; all of them where none is named. */
function axesOf(call: LoweringCall, rank: number): number[] {
  const given =
    call.attr<number | number[] | null>('axis') ?? call.attr<number | number[] | null>('reductionIndices');
  if (given == null) return Array.from({ length: rank }, (_, i) => i);
  return [given].flat().map((axis) => (axis < 0 ? axis + rank : axis));
}

const reducing =
  (op: string, prepare: (x: Value, g: GraphBuilder) => Value = (x) => x): Lowering =>
  (call, g) => {
    const x = prepare(call.input('x'), g);
    return g.reduce(op, x, axesOf(call, x.shape.length), call.attr<boolean>('keepDims') ?? false);
  };

/** Reductions that ONNX has for numbers only: through int32 and back. */
const logical =
  (op: string): Lowering =>
  (call, g) => {
    const x = g.cast(call.input('x'), 'int32');
    const reduced = g.reduce(op, x, axesOf(call, x.shape.length), call.attr<boolean>('keepDims') ?? false);
    return g.cast(reduced, 'bool');
  };

const extreme =
  (op: string): Lowering =>
  (call, g) => {
    const x = call.input('x');
    const [axis] = axesOf(call, x.shape.length);
    const shape = call.outputs[0]!.shape;
    return g.cast(g.op(op, [x], { dtype: 'int64', shape }, { axis: int(axis!), keepdims: int(0) }), 'int32');
  };

const running =
  (combine: 'CumSum'): Lowering =>
  (call, g) => {
    const x = call.input('x');
    const axis = call.attr<number>('axis');
    const attributes = {
      exclusive: int(call.attr<boolean>('exclusive') ? 1 : 0),
      reverse: int(call.attr<boolean>('reverse') ? 1 : 0),
    };
    return g.op(combine, [x, g.scalar(axis < 0 ? axis + x.shape.length : axis, 'int64')], x, attributes);
  };

export const reductions: Lowerings = {
  Sum: reducing('ReduceSum', (x, g) => (x.dtype === 'bool' ? g.cast(x, 'int32') : x)),
  Mean: reducing('ReduceMean', (x, g) => g.cast(x, 'float32')),
  Max: reducing('ReduceMax'),
  Min: reducing('ReduceMin'),
  Prod: reducing('ReduceProd'),
  All: logical('ReduceMin'),
  Any: logical('ReduceMax'),
  ArgMax: extreme('ArgMax'),
  ArgMin: extreme('ArgMin'),
  Cumsum: running('CumSum'),
  Softmax: (call, g) => {
    const x = call.input('logits');
    return g.unary('Softmax', x, x.dtype, { axis: int(call.attr<number>('dim') ?? -1) });
  },
};
