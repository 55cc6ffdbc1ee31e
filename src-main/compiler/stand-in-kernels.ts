/**
 * Stand-ins used while recording: kernels that the WASM backend lacks or that are slow there. They give zeros of the
 * right shape, because a trace needs no values. Outside recordings the WASM backend's own kernels run.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from './recording-backend.ts';

type Run = NonNullable<ReturnType<typeof tf.getKernel>>['kernelFunc'];
type Infos = Record<string, tf.TensorInfo>;
// Attributes come untyped from the kernel registry; each stand-in knows its own.
type Attrs = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any
type Shape4 = [number, number, number, number];

const zeros =
  (shapeOf: (inputs: Infos, attrs: Attrs) => number[]): Run =>
  ({ inputs, attrs, backend }) => {
    const host = backend as unknown as WasmBackend;
    const output = host.makeOutput(shapeOf(inputs as Infos, attrs as Attrs), 'float32');
    host.typedArrayFromHeap(output).fill(0);
    return output;
  };

const convShape =
  (depthwise: boolean) =>
  ({ x, filter }: Infos, { strides, dilations, pad, dimRoundingMode }: Attrs): number[] =>
    tf.backend_util.computeConv2DInfo(
      x!.shape as Shape4,
      filter!.shape as Shape4,
      strides,
      dilations ?? 1,
      pad,
      dimRoundingMode,
      depthwise,
    ).outShape;

/** Sides of a product of the last two axes, the axes before them broadcast. */
const productShape = ({ a, b }: Infos, { transposeA, transposeB }: Attrs): number[] => [
  ...tf.broadcast_util.assertAndGetBroadcastShape(a!.shape.slice(0, -2), b!.shape.slice(0, -2)),
  a!.shape.at(transposeA ? -1 : -2)!,
  b!.shape.at(transposeB ? -2 : -1)!,
];

export const standIns: ReadonlyMap<string, Run> = new Map([
  ['BatchMatMul', zeros(productShape)],
  ['Conv2D', zeros(convShape(false))],
  ['FusedConv2D', zeros(convShape(false))],
  ['Conv2DBackpropInput', zeros((_, { inputShape }) => inputShape)],
  ['Conv2DBackpropFilter', zeros((_, { filterShape }) => filterShape)],
  ['DepthwiseConv2dNative', zeros(convShape(true))],
  ['DepthwiseConv2dNativeBackpropInput', zeros((_, { inputShape }) => inputShape)],
  ['DepthwiseConv2dNativeBackpropFilter', zeros((_, { filterShape }) => filterShape)],
  ['MaxPoolGrad', zeros(({ input }) => input!.shape)],
  ['UnsortedSegmentSum', zeros(({ x }, { numSegments }) => [numSegments, ...x!.shape.slice(1)])],
]);
