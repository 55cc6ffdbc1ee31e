/** Resizing, pooling and block moves of pictures [batch, height, width, channels], with gradients. */
import * as tf from '@tensorflow/tfjs-core';
import type { Dim } from '../batch-dim.ts';
import type { GraphBuilder, Value } from '../graph-builder.ts';
import { int, ints, string } from '../onnx-graph.ts';
import { toNCHW, toNHWC } from './layout.ts';
import type { Lowering, LoweringCall, Lowerings } from './lowering.ts';
import {
  bilinearMatrix,
  nearestMatrix,
  poolingMatrix,
  type Resizing,
  type SamplingMatrix,
  transposed,
} from './sampling-matrix.ts';

/** rows * picture * columns^T for every channel of every picture. */
function sample(g: GraphBuilder, x: Value, rows: SamplingMatrix, columns: SamplingMatrix): Value {
  const matrix = (m: SamplingMatrix) => g.constant(m.data, 'float32', [m.rows, m.columns]);
  const left = g.matMul(matrix(rows), toNCHW(g, g.cast(x, 'float32')));
  return toNHWC(g, g.matMul(left, matrix(transposed(columns))));
}

type MakeMatrix = (resizing: Resizing) => SamplingMatrix;

function resizings(call: LoweringCall, from: readonly Dim[], to: readonly Dim[]): [Resizing, Resizing] {
  const options = {
    alignCorners: call.attr<boolean>('alignCorners') ?? false,
    halfPixelCenters: call.attr<boolean>('halfPixelCenters') ?? false,
  };
  const one = (axis: number): Resizing => ({
    inSize: call.fixed(from[axis]!),
    outSize: call.fixed(to[axis]!),
    ...options,
  });
  return [one(1), one(2)];
}

const resize =
  (make: MakeMatrix): Lowering =>
  (call, g) => {
    const images = call.input('images');
    const [rows, columns] = resizings(call, images.shape, call.outputs[0]!.shape);
    return g.cast(sample(g, images, make(rows), make(columns)), call.outputs[0]!.dtype);
  };

/** The adjoint of `resize`, which is its gradient, half-pixel centres included. */
const resizeGradient =
  (make: MakeMatrix): Lowering =>
  (call, g) => {
    const [images, dy] = [call.input('images'), call.input('dy')];
    const [rows, columns] = resizings(call, images.shape, dy.shape);
    return sample(g, dy, transposed(make(rows)), transposed(make(columns)));
  };

function poolGeometry(call: LoweringCall, shape: readonly Dim[]) {
  return tf.backend_util.computePool2DInfo(
    [1, call.fixed(shape[1]!), call.fixed(shape[2]!), call.fixed(shape[3]!)],
    call.attr('filterSize'),
    call.attr('strides'),
    1,
    call.attr('pad'),
    call.attr('dimRoundingMode'),
  );
}

function poolAttributes(geo: ReturnType<typeof poolGeometry>) {
  const { top, left, bottom, right } = geo.padInfo;
  return {
    kernel_shape: ints([geo.filterHeight, geo.filterWidth]),
    strides: ints([geo.strideHeight, geo.strideWidth]),
    pads: ints([top, left, bottom, right]),
  };
}

const pool =
  (op: 'AveragePool' | 'MaxPool'): Lowering =>
  (call, g) => {
    const x = call.input('x');
    const geo = poolGeometry(call, x.shape);
    const shape = [x.shape[0]!, x.shape[3]!, geo.outHeight, geo.outWidth];
    return toNHWC(g, g.op(op, [toNCHW(g, x)], { dtype: x.dtype, shape }, poolAttributes(geo)));
  };

/** The adjoint of `AvgPool`: windows at the border share their value among the pixels inside the picture. */
const averagePoolGradient: Lowering = (call, g) => {
  const geo = poolGeometry(call, call.input('input').shape);
  const { top, left } = geo.padInfo;
  const rows = poolingMatrix(geo.inHeight, geo.outHeight, geo.filterHeight, geo.strideHeight, top);
  const columns = poolingMatrix(geo.inWidth, geo.outWidth, geo.filterWidth, geo.strideWidth, left);
  return sample(g, call.input('dy'), transposed(rows), transposed(columns));
};

/** Each window's value goes to the pixel that was its maximum: the pooling is run again for the places. */
const maxPoolGradient: Lowering = (call, g) => {
  const [dy, input] = [call.input('dy'), toNCHW(g, call.input('input'))];
  const geo = poolGeometry(call, call.input('input').shape);
  const small = [input.shape[0]!, input.shape[1]!, geo.outHeight, geo.outWidth];
  const types = [
    { dtype: input.dtype, shape: small },
    { dtype: 'int64' as const, shape: small },
  ];
  const [, places] = g.ops('MaxPool', [input], types, poolAttributes(geo));
  const flat = (value: Value) => g.op('Reshape', [value, g.ints([-1])], { dtype: value.dtype, shape: [-1] });
  const zeros = g.op('Expand', [g.scalar(0), g.dims(input.shape)], { dtype: 'float32', shape: input.shape });
  const operands = [flat(zeros), flat(places!), flat(toNCHW(g, dy))];
  const spread = g.op(
    'ScatterElements',
    operands,
    { dtype: 'float32', shape: [-1] },
    {
      axis: int(0),
      reduction: string('add'),
    },
  );
  return toNHWC(g, g.reshape(spread, input.shape));
};

/** Moves blocks of `block` pixels into the batch, after padding; its adjoint is `batchToSpace`. */
const spaceToBatch: Lowering = (call, g) => {
  const block = call.attr<number[]>('blockShape');
  const paddings = call.attr<[number, number][]>('paddings');
  const x = call.input('x');
  const padded = g.pad(
    x,
    x.shape.map((_, i): [Dim, Dim] => paddings[i - 1] ?? [0, 0]),
  );
  const [batch, ...rest] = padded.shape;
  const split = block.flatMap((size, i) => [call.fixed(rest[i]!) / size, size]);
  const tail = rest.slice(block.length);
  const apart = g.reshape(padded, [batch!, ...split, ...tail]);
  const perm = [
    ...block.map((_, i) => 2 * i + 2),
    0,
    ...block.map((_, i) => 2 * i + 1),
    ...tail.map((_, i) => 2 * block.length + 1 + i),
  ];
  return g.reshape(g.transpose(apart, perm), call.outputs[0]!.shape);
};

const batchToSpace: Lowering = (call, g) => {
  const block = call.attr<number[]>('blockShape');
  const crops = call.attr<[number, number][]>('crops');
  const x = call.input('x');
  const m = block.length;
  const [output] = call.outputs;
  const apart = g.reshape(x, [...block, output!.shape[0]!, ...x.shape.slice(1)]);
  const perm = [
    m,
    ...block.flatMap((_, i) => [m + 1 + i, i]),
    ...x.shape.slice(1 + m).map((_, i) => 2 * m + 1 + i),
  ];
  const joined = x.shape.slice(1).map((dim, i) => (i < m ? call.fixed(dim) * block[i]! : dim));
  const together = g.reshape(g.transpose(apart, perm), [output!.shape[0]!, ...joined]);
  const axes = crops.map((_, i) => i + 1);
  return g.slice(
    together,
    axes,
    crops.map(([before]) => before),
    axes.map((axis) => output!.shape[axis]!),
  );
};

const depthToSpace: Lowering = (call, g) => {
  const size = call.attr<number>('blockSize');
  const [batch, h, w, c] = call.input('x').shape;
  const depth = call.fixed(c!) / (size * size);
  const apart = g.reshape(call.input('x'), [batch!, h!, w!, size, size, depth]);
  return g.reshape(g.transpose(apart, [0, 1, 3, 2, 4, 5]), call.outputs[0]!.shape);
};

export const pictures: Lowerings = {
  ResizeBilinear: resize(bilinearMatrix),
  ResizeBilinearGrad: resizeGradient(bilinearMatrix),
  ResizeNearestNeighbor: resize(nearestMatrix),
  ResizeNearestNeighborGrad: resizeGradient(nearestMatrix),
  AvgPool: pool('AveragePool'),
  AvgPoolGrad: averagePoolGradient,
  MaxPool: pool('MaxPool'),
  MaxPoolGrad: maxPoolGradient,
  SpaceToBatchND: spaceToBatch,
  BatchToSpaceND: batchToSpace,
  DepthToSpace: depthToSpace,
};
