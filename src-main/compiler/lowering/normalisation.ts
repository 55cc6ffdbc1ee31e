/** Batch normalisation with given statistics, over the last axis. */
import type { Lowerings } from './lowering.ts';

export const normalisation: Lowerings = {
  /** (x - mean) / sqrt(variance + epsilon) * scale + offset */
  FusedBatchNorm: (call, g) => {
    const epsilon = g.scalar(call.attr<number>('varianceEpsilon'));
    const deviation = g.unary('Sqrt', g.binary('Add', call.input('variance'), epsilon));
    const scale = call.optional('scale');
    const factor = scale ? g.binary('Div', scale, deviation) : g.unary('Reciprocal', deviation);
    const scaled = g.binary('Mul', g.binary('Sub', call.input('x'), call.input('mean')), factor);
    const offset = call.optional('offset');
    return offset ? g.binary('Add', scaled, offset) : scaled;
  },
};
