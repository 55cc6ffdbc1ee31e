/** Elementwise kernels of one operand, and activations. */
import type { GraphBuilder, Value } from '../graph-builder.ts';
import { float } from '../onnx-graph.ts';
import type { TraceDtype } from '../trace.ts';
import type { Lowering, Lowerings } from './lowering.ts';

const x =
  (make: (x: Value, g: GraphBuilder) => Value): Lowering =>
  (call, g) =>
    make(call.input('x'), g);

const direct = (op: string): Lowering => x((value, g) => g.unary(op, value));

const directNames = {
  Abs: 'Abs',
  Acos: 'Acos',
  Acosh: 'Acosh',
  Asin: 'Asin',
  Asinh: 'Asinh',
  Atan: 'Atan',
  Atanh: 'Atanh',
  Ceil: 'Ceil',
  Cos: 'Cos',
  Cosh: 'Cosh',
  Erf: 'Erf',
  Exp: 'Exp',
  Floor: 'Floor',
  Log: 'Log',
  Neg: 'Neg',
  Reciprocal: 'Reciprocal',
  Relu: 'Relu',
  Round: 'Round', // to even in both
  Sigmoid: 'Sigmoid',
  Sign: 'Sign',
  Sin: 'Sin',
  Sinh: 'Sinh',
  Softplus: 'Softplus',
  Sqrt: 'Sqrt',
  Tan: 'Tan',
  Tanh: 'Tanh',
} as const;

const seluScale = 1.0507009873554805;
const seluAlpha = 1.6732632423543772;

function clip(g: GraphBuilder, value: Value, low: number | null, high: number | null): Value {
  const bound = (limit: number | null) => (limit === null ? null : g.scalar(limit, value.dtype));
  return g.op('Clip', [value, bound(low), ...(high === null ? [] : [bound(high)])], value);
}

export const elementwise: Lowerings = {
  ...Object.fromEntries(Object.entries(directNames).map(([kernel, op]) => [kernel, direct(op)])),
  Identity: x((value) => value),
  Square: x((value, g) => g.binary('Mul', value, value)),
  Rsqrt: x((value, g) => g.unary('Reciprocal', g.unary('Sqrt', value))),
  // exp(x) - 1 and log(1 + x): exact to one unit in the last place of 1, which is what their callers need
  Expm1: x((value, g) => g.binary('Sub', g.unary('Exp', value), g.scalar(1))),
  Log1p: x((value, g) => g.unary('Log', g.binary('Add', value, g.scalar(1)))),
  Relu6: x((value, g) => clip(g, value, 0, 6)),
  Elu: x((value, g) => g.unary('Elu', value)),
  Selu: x((value, g) =>
    g.unary('Selu', value, 'float32', { alpha: float(seluAlpha), gamma: float(seluScale) }),
  ),
  LeakyRelu: (call, g) =>
    g.unary('LeakyRelu', call.input('x'), 'float32', { alpha: float(call.attr('alpha')) }),
  Prelu: (call, g) => g.op('PRelu', [call.input('x'), call.input('alpha')], call.input('x')),
  ClipByValue: (call, g) => clip(g, call.input('x'), call.attr('clipValueMin'), call.attr('clipValueMax')),
  /** 1 above zero, `alpha` elsewhere. */
  Step: (call, g) => {
    const value = call.input('x');
    const above = g.binary('Greater', value, g.scalar(0, value.dtype), 'bool');
    const alpha = call.attr<number | undefined>('alpha') ?? 0;
    if (alpha === 0) return g.cast(above, value.dtype);
    const shape = value.shape;
    return g.op('Where', [above, g.scalar(1), g.scalar(alpha)], { dtype: 'float32', shape });
  },
  /** dy where y is not negative, dy (y + 1) elsewhere. */
  EluGrad: (call, g) => {
    const [dy, y] = [call.input('dy'), call.input('y')];
    const slope = g.binary('Add', clip(g, y, null, 0), g.scalar(1));
    return g.binary('Mul', dy, slope);
  },
  IsNan: x((value, g) => g.unary('IsNaN', value, 'bool')),
  IsInf: x((value, g) => g.unary('IsInf', value, 'bool')),
  IsFinite: x((value, g) =>
    g.binary('Less', g.unary('Abs', value), g.scalar(Number.POSITIVE_INFINITY), 'bool'),
  ),
  LogicalNot: x((value, g) => g.unary('Not', value)),
  Cast: (call, g) => g.cast(call.input('x'), call.attr<TraceDtype>('dtype')),
};
