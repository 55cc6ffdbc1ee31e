/** Elementwise kernels of two and more operands: arithmetic, comparisons, logic, selection. */
import type { GraphBuilder, Value } from '../graph-builder.ts';
import { int } from '../onnx-graph.ts';
import type { Lowering, Lowerings } from './lowering.ts';

const ab =
  (make: (a: Value, b: Value, g: GraphBuilder) => Value): Lowering =>
  (call, g) =>
    make(call.input('a'), call.input('b'), g);

const arithmetical = (op: string): Lowering => ab((a, b, g) => g.binary(op, a, b));
const comparing = (op: string): Lowering => ab((a, b, g) => g.binary(op, a, b, 'bool'));

/** Rounds towards minus infinity, for integers too. */
function floorDiv(a: Value, b: Value, g: GraphBuilder): Value {
  if (a.dtype === 'float32') return g.unary('Floor', g.binary('Div', a, b));
  const rest = g.op('Mod', [a, b], g.binary('Sub', a, b));
  return g.binary('Div', g.binary('Sub', a, rest), b);
}

/** The remainder with the divisor's sign. */
function floorMod(a: Value, b: Value, g: GraphBuilder): Value {
  if (a.dtype === 'int32') return g.binary('Mod', a, b);
  const times = g.unary('Floor', g.binary('Div', a, b));
  return g.binary('Sub', a, g.binary('Mul', times, b));
}

/** `condition ? t : e`; a condition of rank 1 chooses rows. */
const select: Lowering = (call, g) => {
  let condition = call.input('condition');
  const [t, e] = [call.input('t'), call.input('e')];
  if (condition.shape.length === 1 && t.shape.length > 1)
    condition = g.reshape(condition, [condition.shape[0]!, ...t.shape.slice(1).map(() => 1)]);
  return g.op('Where', [g.cast(condition, 'bool'), t, e], call.outputs[0]!);
};

export const arithmetic: Lowerings = {
  Add: arithmetical('Add'),
  Sub: arithmetical('Sub'),
  Multiply: arithmetical('Mul'),
  RealDiv: arithmetical('Div'),
  Maximum: arithmetical('Max'),
  Minimum: arithmetical('Min'),
  Pow: arithmetical('Pow'),
  FloorDiv: ab(floorDiv),
  Mod: ab(floorMod),
  SquaredDifference: ab((a, b, g) => {
    const difference = g.binary('Sub', a, b);
    return g.binary('Mul', difference, difference);
  }),
  AddN: (call, g) => call.list().reduce((sum, next) => g.binary('Add', sum, next)),
  Greater: comparing('Greater'),
  GreaterEqual: comparing('GreaterOrEqual'),
  Less: comparing('Less'),
  LessEqual: comparing('LessOrEqual'),
  Equal: comparing('Equal'),
  NotEqual: ab((a, b, g) => g.unary('Not', g.binary('Equal', a, b, 'bool'))),
  LogicalAnd: ab((a, b, g) => g.binary('And', g.cast(a, 'bool'), g.cast(b, 'bool'))),
  LogicalOr: ab((a, b, g) => g.binary('Or', g.cast(a, 'bool'), g.cast(b, 'bool'))),
  Select: select,
  /** The angle of (x = b, y = a): arctangent of a / b, moved to the right quadrant. */
  Atan2: ab((a, b, g) => {
    const zero = g.scalar(0);
    const half = g.unary('Atan', g.binary('Div', a, b));
    const down = g.binary('Less', a, zero, 'bool');
    const turn = g.op('Where', [down, g.scalar(-Math.PI), g.scalar(Math.PI)], a);
    const left = g.binary('Less', b, zero, 'bool');
    return g.binary('Add', half, g.op('Where', [left, turn, zero], { dtype: 'float32', shape: half.shape }));
  }),
  /** Concatenation along `axis`. */
  Concat: (call, g) => {
    const parts = call.list().filter((part) => !part.shape.includes(0));
    const axis = call.attr<number>('axis');
    const rank = call.outputs[0]!.shape.length;
    if (parts.length === 1) return parts[0]!;
    return g.op('Concat', parts, call.outputs[0]!, { axis: int(axis < 0 ? axis + rank : axis) });
  },
};
