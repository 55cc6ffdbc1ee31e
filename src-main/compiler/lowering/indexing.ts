/** Kernels that look values up by index, and the ones that rank them. */
import type { GraphBuilder, Value } from '../graph-builder.ts';
import { typedData } from '../graph-builder.ts';
import { int, string } from '../onnx-graph.ts';
import type { Lowering, Lowerings } from './lowering.ts';
import { filled } from './shaping.ts';

const gather: Lowering = (call, g) => {
  const [x, indices] = [call.input('x'), call.input('indices')];
  const rank = x.shape.length;
  const axis = (call.attr<number>('axis') + rank) % rank;
  const batchDims = call.attr<number | undefined>('batchDims') ?? 0;
  if (batchDims === 0) return g.op('Gather', [x, indices], call.outputs[0]!, { axis: int(axis) });
  if (batchDims !== axis) throw call.error('gathers along an axis other than the first after the batch');
  const places = g.reshape(g.cast(indices, 'int64'), [...indices.shape, 1]);
  return g.op('GatherND', [x, places], call.outputs[0]!, { batch_dims: int(batchDims) });
};

/** Adds `updates` into zeros at `indices`; what meets at one place is summed. */
function scatterAdd(g: GraphBuilder, indices: Value, updates: Value, shape: Value['shape']): Value {
  const zeros = filled(g, 0, updates.dtype, shape);
  const operands = [zeros, g.cast(indices, 'int64'), updates];
  return g.op('ScatterND', operands, { dtype: updates.dtype, shape }, { reduction: string('add') });
}

const topK: Lowering = (call, g) => {
  const x = call.input('x');
  const [values, indices] = call.outputs;
  const types = [values!, { dtype: 'int64' as const, shape: indices!.shape }];
  const attributes = {
    axis: int(-1),
    largest: int(1),
    sorted: int(call.attr<boolean>('sorted') === false ? 0 : 1),
  };
  const [top, places] = g.ops('TopK', [x, g.ints([call.fixed(call.attr<number>('k'))])], types, attributes);
  return [top!, g.cast(places!, 'int32')];
};

/** `onValue` where the position equals the index, `offValue` elsewhere; an index out of range gives no hit. */
const oneHot: Lowering = (call, g) => {
  const indices = call.input('indices');
  const [output] = call.outputs;
  const depth = call.attr<number>('depth');
  const positions = g.constant(
    typedData(
      Array.from({ length: depth }, (_, i) => i),
      'int32',
    ),
    'int32',
    [depth],
  );
  const hit = g.binary('Equal', g.reshape(indices, [...indices.shape, 1]), positions, 'bool');
  const [on, off] = [call.attr<number>('onValue') ?? 1, call.attr<number>('offValue') ?? 0];
  if (output!.dtype === 'bool') return hit;
  return g.op('Where', [hit, g.scalar(on, output!.dtype), g.scalar(off, output!.dtype)], output!);
};

export const indexing: Lowerings = {
  GatherV2: gather,
  GatherNd: (call, g) =>
    g.op('GatherND', [call.input('params'), g.cast(call.input('indices'), 'int64')], call.outputs[0]!),
  ScatterNd: (call, g) => scatterAdd(g, call.input('indices'), call.input('updates'), call.outputs[0]!.shape),
  TensorScatterUpdate: (call, g) =>
    g.op(
      'ScatterND',
      [call.input('tensor'), g.cast(call.input('indices'), 'int64'), call.input('updates')],
      call.outputs[0]!,
    ),
  UnsortedSegmentSum: (call, g) => {
    const ids = call.input('segmentIds');
    return scatterAdd(g, g.reshape(ids, [...ids.shape, 1]), call.input('x'), call.outputs[0]!.shape);
  },
  TopK: topK,
  OneHot: oneHot,
};
