/**
 * The gradient of a convolution with respect to its filter. ONNX has no operator for it; it is a matrix product of the
 * input's patches with the output's gradient. How the patches are laid out decides the speed: see `README.md`.
 */
import type { GraphBuilder, Value } from '../graph-builder.ts';
import { int } from '../onnx-graph.ts';
import type { ConvGeometry } from './convolution.ts';
import { toNCHW } from './layout.ts';
import type { LoweringCall } from './lowering.ts';
import { transposeLast } from './products.ts';

/** For each filter tap, row by row, the input values that it met: a strided window of the padded input. */
function taps(g: GraphBuilder, padded: Value, geo: ConvGeometry, axes: [number, number]): Value[] {
  const windows: Value[] = [];
  for (let r = 0; r < geo.filterH; r++)
    for (let q = 0; q < geo.filterW; q++)
      windows.push(stridedWindow(g, padded, geo, axes, r * geo.dilationH, q * geo.dilationW));
  return windows;
}

function stridedWindow(
  g: GraphBuilder,
  x: Value,
  geo: ConvGeometry,
  axes: [number, number],
  top: number,
  left: number,
): Value {
  const shape = [...x.shape];
  shape[axes[0]] = geo.outH;
  shape[axes[1]] = geo.outW;
  const ends = [top + (geo.outH - 1) * geo.strideH + 1, left + (geo.outW - 1) * geo.strideW + 1];
  const strides = g.ints([geo.strideH, geo.strideW]);
  return g.op('Slice', [x, g.ints([top, left]), g.ints(ends), g.ints(axes), strides], {
    dtype: 'float32',
    shape,
  });
}

/** Per picture, patches [filter * in, positions] times gradient [positions, out]; then the sum over pictures. */
export function filterGradient(call: LoweringCall, g: GraphBuilder, geo: ConvGeometry): Value {
  const [x, dy] = [toNCHW(g, call.input('x')), toNCHW(g, call.input('dy'))];
  const [batch, channelsIn] = x.shape;
  const channelsOut = dy.shape[1]!;
  const positions = geo.outH * geo.outW;
  const padded = g.pad(x, [
    [0, 0],
    [0, 0],
    [geo.top, geo.bottom],
    [geo.left, geo.right],
  ]);
  const windows = taps(g, padded, geo, [2, 3]);
  const rows = windows.length * call.fixed(channelsIn!);
  const patches =
    windows.length === 1
      ? windows[0]!
      : g.op(
          'Concat',
          windows,
          { dtype: 'float32', shape: [batch!, rows, geo.outH, geo.outW] },
          { axis: int(1) },
        );
  const gradient = transposeLast(g, g.reshape(dy, [batch!, channelsOut, positions]));
  const perPicture = g.matMul(g.reshape(patches, [batch!, rows, positions]), gradient);
  return g.reshape(g.reduce('ReduceSum', perPicture, [0], false), call.outputs[0]!.shape);
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
  const shape = [sums.length, channels, multiplier];
  const stacked =
    sums.length === 1 ? sums[0]! : g.op('Concat', sums, { dtype: 'float32', shape }, { axis: int(0) });
  return g.reshape(stacked, call.outputs[0]!.shape);
}
