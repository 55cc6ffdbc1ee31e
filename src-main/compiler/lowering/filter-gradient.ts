/**
 * The gradient of a convolution with respect to its filter. ONNX has no operator for it; it is a matrix product of the
 * input's patches with the output's gradient. How the patches are laid out decides the speed: see the compiler's `README.md`.
 */
import { addDims, type Dim, productOfDims } from '../batch-dim.ts';
import type { GraphBuilder, Value } from '../graph-builder.ts';
import { int } from '../onnx-graph.ts';
import type { ConvGeometry } from './convolution.ts';
import { toNCHW } from './layout.ts';
import type { LoweringCall } from './lowering.ts';
import { transposeLast } from './products.ts';

/** A strided window of `x` along some axes. */
function windowOf(
  g: GraphBuilder,
  x: Value,
  axes: number[],
  starts: number[],
  sizes: number[],
  steps: number[],
): Value {
  const shape = [...x.shape];
  axes.forEach((axis, i) => (shape[axis] = sizes[i]!));
  const ends = starts.map((start, i) => start + (sizes[i]! - 1) * steps[i]! + 1);
  const inputs = [x, g.ints(starts), g.ints(ends), g.ints(axes)];
  if (steps.some((step) => step !== 1)) inputs.push(g.ints(steps));
  return g.op('Slice', inputs, { dtype: 'float32', shape });
}

/** For each filter tap, row by row, the input values that it met. `axes` are those of height and width. */
function taps(g: GraphBuilder, padded: Value, geo: ConvGeometry, axes: [number, number]): Value[] {
  const windows: Value[] = [];
  for (let r = 0; r < geo.filterH; r++)
    for (let q = 0; q < geo.filterW; q++) {
      const starts = [r * geo.dilationH, q * geo.dilationW];
      windows.push(windowOf(g, padded, axes, starts, [geo.outH, geo.outW], [geo.strideH, geo.strideW]));
    }
  return windows;
}

function concat(g: GraphBuilder, parts: Value[], axis: number): Value {
  if (parts.length === 1) return parts[0]!;
  const shape = [...parts[0]!.shape];
  shape[axis] = parts.reduce((sum: Dim, part) => addDims(sum, part.shape[axis]!), 0);
  return g.op('Concat', parts, { dtype: 'float32', shape }, { axis: int(axis) });
}

/** The cheaper of two exact forms, by shape; both were measured. */
export function filterGradient(call: LoweringCall, g: GraphBuilder, geo: ConvGeometry): Value {
  const small = geo.outH * geo.outW <= 64 * geo.strideH * geo.strideW;
  return small ? byPatches(call, g, geo) : byRows(call, g, geo);
}

/**
 * For large pictures, in NCHW: the input is shifted along its width once per filter column; then, per filter row, whole
 * rows of it times the gradient, picture by picture; then the sum over pictures.
 */
function byRows(call: LoweringCall, g: GraphBuilder, geo: ConvGeometry): Value {
  const [x, dy] = [toNCHW(g, call.input('x')), toNCHW(g, call.input('dy'))];
  const [batch, channelsOut] = dy.shape;
  const positions = geo.outH * geo.outW;
  const padded = g.pad(x, [
    [0, 0],
    [0, 0],
    [geo.top, geo.bottom],
    [geo.left, geo.right],
  ]);
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
  const columns = upTo(geo.filterW).map((q) =>
    windowOf(g, padded, [3], [q * geo.dilationW], [geo.outW], [geo.strideW]),
  );
  const shifted = concat(g, columns, 1);
  const channels = shifted.shape[1]!;
  const gradient = transposeLast(g, g.reshape(dy, [batch!, channelsOut!, positions]));
  const products = upTo(geo.filterH).map((r) => {
    const rows = windowOf(g, shifted, [2], [r * geo.dilationH], [geo.outH], [geo.strideH]);
    return g.matMul(g.reshape(rows, [batch!, channels, positions]), gradient);
  });
  return g.reshape(g.reduce('ReduceSum', concat(g, products, 1), [0], false), call.outputs[0]!.shape);
}

/** For small pictures, in NHWC: patches [positions of all pictures, taps * in], transposed, times gradient. */
function byPatches(call: LoweringCall, g: GraphBuilder, geo: ConvGeometry): Value {
  const [x, dy] = [call.input('x'), call.input('dy')];
  const padded = g.pad(x, [
    [0, 0],
    [geo.top, geo.bottom],
    [geo.left, geo.right],
    [0, 0],
  ]);
  const patches = concat(g, taps(g, padded, geo, [1, 2]), 3);
  const rows = productOfDims(dy.shape.slice(0, 3))!;
  const [a, b] = [g.reshape(patches, [rows, patches.shape[3]!]), g.reshape(dy, [rows, dy.shape[3]!])];
  return g.reshape(g.matMul(transposeLast(g, a), b), call.outputs[0]!.shape);
}

/** Tap by tap: window times gradient, summed over pictures and positions. */
export function depthwiseFilterGradient(call: LoweringCall, g: GraphBuilder, geo: ConvGeometry): Value {
  const [x, dy] = [toNCHW(g, call.input('x')), toNCHW(g, call.input('dy'))];
  const [batch] = x.shape;
  const [, , channels, multiplier] = call.fixedShape(call.outputs[0]!.shape) as [
    number,
    number,
    number,
    number,
  ];
  const padded = g.pad(x, [
    [0, 0],
    [0, 0],
    [geo.top, geo.bottom],
    [geo.left, geo.right],
  ]);
  const gradient = g.reshape(dy, [batch!, channels, multiplier, geo.outH, geo.outW]);
  const sums = taps(g, padded, geo, [2, 3]).map((window) => {
    const wide = g.reshape(window, [batch!, channels, 1, geo.outH, geo.outW]);
    const sum = g.reduce('ReduceSum', g.binary('Mul', wide, gradient), [0, 3, 4], false);
    return g.reshape(sum, [1, channels, multiplier]);
  });
  return g.reshape(concat(g, sums, 0), call.outputs[0]!.shape);
}
