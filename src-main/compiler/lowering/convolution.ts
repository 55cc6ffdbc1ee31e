/** Convolutions of pictures, NHWC with filters [height, width, in, out], and their input gradients. */
import * as tf from '@tensorflow/tfjs-core';
import type { Dim } from '../batch-dim.ts';
import type { GraphBuilder, Value } from '../graph-builder.ts';
import { int, ints, type OnnxAttribute } from '../onnx-graph.ts';
import { filterGradient, depthwiseFilterGradient } from './filter-gradient.ts';
import { toNCHW, toNHWC } from './layout.ts';
import type { Lowering, LoweringCall, Lowerings } from './lowering.ts';
import { finishFused } from './products.ts';

/** Padding before and after, strides and sizes, as TensorFlow defines them ("same" may pad one more at the end). */
export interface ConvGeometry {
  top: number;
  bottom: number;
  left: number;
  right: number;
  strideH: number;
  strideW: number;
  dilationH: number;
  dilationW: number;
  filterH: number;
  filterW: number;
  inH: number;
  inW: number;
  outH: number;
  outW: number;
}

export function convGeometry(
  call: LoweringCall,
  inputShape: readonly Dim[],
  filterShape: readonly Dim[],
): ConvGeometry {
  if ((call.attr<string | undefined>('dataFormat') ?? 'NHWC') !== 'NHWC')
    throw call.error('has the data format NCHW, but only NHWC is lowered');
  const [, h, w, c] = inputShape;
  const info = tf.backend_util.computeConv2DInfo(
    [1, call.fixed(h!), call.fixed(w!), call.fixed(c!)],
    call.fixedShape(filterShape) as [number, number, number, number],
    call.attr('strides'),
    call.attr<number | undefined>('dilations') ?? 1,
    call.attr('pad'),
    call.attr('dimRoundingMode'),
    call.kernel.includes('Depthwise'),
  );
  return {
    top: info.padInfo.top,
    bottom: info.padInfo.bottom,
    left: info.padInfo.left,
    right: info.padInfo.right,
    strideH: info.strideHeight,
    strideW: info.strideWidth,
    dilationH: info.dilationHeight,
    dilationW: info.dilationWidth,
    filterH: info.filterHeight,
    filterW: info.filterWidth,
    inH: info.inHeight,
    inW: info.inWidth,
    outH: info.outHeight,
    outW: info.outWidth,
  };
}

const attributesOf = (geo: ConvGeometry, group: number): Record<string, OnnxAttribute> => ({
  kernel_shape: ints([geo.filterH, geo.filterW]),
  strides: ints([geo.strideH, geo.strideW]),
  dilations: ints([geo.dilationH, geo.dilationW]),
  pads: ints([geo.top, geo.left, geo.bottom, geo.right]),
  group: int(group),
});

/**
 * A convolution of x [n, in, h, w] with `kernel` [out, in, h, w]. ONNX Runtime's WebGPU provider gives wrong values where
 * the channels in are a multiple of 3 above 3 but not of 4, and the channels out a multiple of 4 (its issue 29651; seen with
 * 6, 9, 15, 18 and 21 in): there, channels of zeros fill up to the next multiple of 4.
 */
function convOf(
  call: LoweringCall,
  g: GraphBuilder,
  x: Value,
  kernel: Value,
  geo: ConvGeometry,
  shape: Dim[],
): Value {
  const [channelsOut, channelsIn] = call.fixedShape(kernel.shape) as [number, number];
  const affected = channelsIn > 3 && channelsIn % 3 === 0 && channelsIn % 4 !== 0 && channelsOut % 4 === 0;
  const filled = (value: Value): Value =>
    affected
      ? g.pad(value, [
          [0, 0],
          [0, 4 - (channelsIn % 4)],
          [0, 0],
          [0, 0],
        ])
      : value;
  return g.op('Conv', [filled(x), filled(kernel)], { dtype: 'float32', shape }, attributesOf(geo, 1));
}

function convolve(call: LoweringCall, g: GraphBuilder): Value {
  const [x, filter] = [call.input('x'), call.input('filter')];
  const geo = convGeometry(call, x.shape, filter.shape);
  const kernel = g.transpose(filter, [3, 2, 0, 1]);
  const shape = [x.shape[0]!, filter.shape[3]!, geo.outH, geo.outW];
  return toNHWC(g, convOf(call, g, toNCHW(g, x), kernel, geo, shape));
}

/** A depthwise filter [h, w, in, multiplier] as ONNX wants it for one group per channel: [in * multiplier, 1, h, w]. */
function depthwiseKernel(g: GraphBuilder, filter: Value): Value {
  const [h, w, channels, multiplier] = filter.shape as number[];
  return g.reshape(g.transpose(filter, [2, 3, 0, 1]), [channels! * multiplier!, 1, h!, w!]);
}

const depthwise: Lowering = (call, g) => {
  const [x, filter] = [call.input('x'), call.input('filter')];
  const geo = convGeometry(call, x.shape, filter.shape);
  const kernel = depthwiseKernel(g, filter);
  const shape = [x.shape[0]!, kernel.shape[0]!, geo.outH, geo.outW];
  const attributes = attributesOf(geo, call.fixed(x.shape[3]!));
  return toNHWC(g, g.op('Conv', [toNCHW(g, x), kernel], { dtype: 'float32', shape }, attributes));
};

/** The adjoint of a convolution with respect to its input. `kernel` is [out, in, h, w] and is used as it is. */
function transposedConvolution(
  call: LoweringCall,
  g: GraphBuilder,
  kernel: Value,
  geo: ConvGeometry,
  group: number,
): Value {
  const dy = call.input('dy');
  const [batch, h, w, channels] = call.outputs[0]!.shape;
  const covered = (out: number, stride: number, filter: number, dilation: number, pads: number) =>
    (out - 1) * stride + (filter - 1) * dilation + 1 - pads;
  const attributes = {
    ...attributesOf(geo, group),
    output_padding: ints([
      call.fixed(h!) - covered(geo.outH, geo.strideH, geo.filterH, geo.dilationH, geo.top + geo.bottom),
      call.fixed(w!) - covered(geo.outW, geo.strideW, geo.filterW, geo.dilationW, geo.left + geo.right),
    ]),
  };
  const shape = [batch!, channels!, h!, w!];
  return toNHWC(g, g.op('ConvTranspose', [toNCHW(g, dy), kernel], { dtype: 'float32', shape }, attributes));
}

/** At stride one the adjoint is a convolution with the filter turned round, which runs faster. */
function turnedConvolution(call: LoweringCall, g: GraphBuilder, geo: ConvGeometry): Value {
  const [batch, h, w, channels] = call.outputs[0]!.shape;
  const kernel = g.transpose(call.input('filter'), [2, 3, 0, 1]);
  const [last, beforeFirst] = [g.ints([-1, -1]), g.ints([-(2 ** 31), -(2 ** 31)])];
  const turned = g.op('Slice', [kernel, last, beforeFirst, g.ints([2, 3]), last], kernel);
  const turnedGeometry = {
    ...geo,
    top: geo.filterH - 1 - geo.top,
    bottom: geo.filterH - 1 - geo.bottom,
    left: geo.filterW - 1 - geo.left,
    right: geo.filterW - 1 - geo.right,
  };
  const shape = [batch!, channels!, h!, w!];
  return toNHWC(g, convOf(call, g, toNCHW(g, call.input('dy')), turned, turnedGeometry, shape));
}

const inputGradient: Lowering = (call, g) => {
  const filter = call.input('filter');
  const geo = convGeometry(call, call.outputs[0]!.shape, filter.shape);
  const within = Math.max(geo.top, geo.bottom) < geo.filterH && Math.max(geo.left, geo.right) < geo.filterW;
  if (geo.strideH === 1 && geo.strideW === 1 && within) return turnedConvolution(call, g, geo);
  return transposedConvolution(call, g, g.transpose(filter, [3, 2, 0, 1]), geo, 1);
};

const depthwiseInputGradient: Lowering = (call, g) => {
  const filter = call.input('filter');
  const geo = convGeometry(call, call.outputs[0]!.shape, filter.shape);
  return transposedConvolution(call, g, depthwiseKernel(g, filter), geo, call.fixed(filter.shape[2]!));
};

export const convolution: Lowerings = {
  Conv2D: convolve,
  FusedConv2D: (call, g) => finishFused(call, g, convolve(call, g)),
  Conv2DBackpropInput: inputGradient,
  Conv2DBackpropFilter: (call, g) =>
    filterGradient(call, g, convGeometry(call, call.input('x').shape, call.outputs[0]!.shape)),
  DepthwiseConv2dNative: depthwise,
  FusedDepthwiseConv2D: (call, g) => finishFused(call, g, depthwise(call, g) as Value),
  DepthwiseConv2dNativeBackpropInput: depthwiseInputGradient,
  DepthwiseConv2dNativeBackpropFilter: (call, g) =>
    depthwiseFilterGradient(call, g, convGeometry(call, call.input('x').shape, call.outputs[0]!.shape)),
};
