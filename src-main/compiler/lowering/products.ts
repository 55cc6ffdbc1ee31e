/** Matrix products, and the bias and activation that fused kernels add. */
import type { GraphBuilder, Value } from '../graph-builder.ts';
import { float } from '../onnx-graph.ts';
import type { LoweringCall, Lowerings } from './lowering.ts';

/** What a fused kernel does after its product: bias, then activation. Works in any layout whose last axis is channels. */
export function finishFused(call: LoweringCall, g: GraphBuilder, product: Value): Value {
  const bias = call.optional('bias');
  const sum = bias ? g.binary('Add', product, bias) : product;
  const activation = call.attr<string | undefined>('activation') ?? 'linear';
  switch (activation) {
    case 'linear':
      return sum;
    case 'relu':
      return g.unary('Relu', sum);
    case 'relu6':
      return g.op('Clip', [sum, g.scalar(0), g.scalar(6)], sum);
    case 'elu':
      return g.unary('Elu', sum);
    case 'sigmoid':
      return g.unary('Sigmoid', sum);
    case 'leakyrelu': {
      const alpha = call.attr<number | undefined>('leakyreluAlpha') ?? 0.2;
      return g.unary('LeakyRelu', sum, 'float32', { alpha: float(alpha) });
    }
    case 'prelu':
      return g.op('PRelu', [sum, call.input('preluActivationWeights')], sum);
    default:
      throw call.error(`uses the activation "${activation}", which has no lowering`);
  }
}

/** Swaps the last two axes. */
export function transposeLast(g: GraphBuilder, x: Value): Value {
  const rank = x.shape.length;
  const perm = x.shape.map((_, i) => i);
  perm[rank - 2] = rank - 1;
  perm[rank - 1] = rank - 2;
  return g.transpose(x, perm);
}

function batchMatMul(call: LoweringCall, g: GraphBuilder): Value {
  const a = call.attr<boolean>('transposeA') ? transposeLast(g, call.input('a')) : call.input('a');
  const b = call.attr<boolean>('transposeB') ? transposeLast(g, call.input('b')) : call.input('b');
  return g.matMul(a, b);
}

export const products: Lowerings = {
  BatchMatMul: batchMatMul,
  _FusedMatMul: (call, g) => finishFused(call, g, batchMatMul(call, g)),
};
