/**
 * The WASM backend of TensorFlow.js: eager, everywhere, and the reference that other backends are compared with.
 *
 * It lacks the filter gradient of convolutions and has a naive input gradient. Both are registered here as kernels,
 * written as forward convolutions, so that the engine calls plain `conv2d` and a trace sees the standard kernels.
 */
import '@tensorflow/tfjs'; // registers the gradients of all kernels
import * as tf from '@tensorflow/tfjs-core';
import { setThreadsCount, type BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { availableParallelism } from 'node:os';
import type { ComputeBackend } from '#engine/ports.ts';
import { eagerBackend } from './eager.ts';

type Shape4 = [number, number, number, number];
type KernelInputs = Record<string, tf.TensorInfo>;
type KernelAttributes = Record<string, unknown>;
interface ConvolutionAttributes {
  strides: number | [number, number];
  pad: 'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]];
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Runs a kernel of the WASM backend directly, without recording and without tracking its output. */
function kernel(
  backend: BackendWasm,
  name: string,
  inputs: KernelInputs,
  attributes: KernelAttributes,
): tf.TensorInfo {
  const registered = tf.getKernel(name, 'wasm');
  return registered.kernelFunc({ inputs, backend, attrs: attributes as never }) as tf.TensorInfo;
}

const convolve = (
  backend: BackendWasm,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  dilation: number,
): tf.TensorInfo =>
  kernel(
    backend,
    'Conv2D',
    { x, filter },
    { strides: [1, 1], pad: 'valid', dataFormat: 'NHWC', dilations: [dilation, dilation] },
  );

function geometry(inputShape: Shape4, filterShape: Shape4, a: ConvolutionAttributes) {
  const info = tf.backend_util.computeConv2DInfo(
    inputShape,
    filterShape,
    a.strides,
    1,
    a.pad,
    a.dimRoundingMode,
  );
  if (info.strideHeight !== info.strideWidth) {
    throw new Error(
      `conv2d gradient: strides ${info.strideHeight} and ${info.strideWidth} differ; one stride is supported`,
    );
  }
  return { ...info, stride: info.strideHeight, top: info.padInfo.top, left: info.padInfo.left };
}

/**
 * Gradient of a convolution with respect to its filter: a convolution of the input, batch and channels swapped, with the
 * output's gradient as a filter dilated by the stride.
 */
function filterGradient(
  backend: BackendWasm,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  filterShape: Shape4,
  a: ConvolutionAttributes,
) {
  const g = geometry(x.shape as Shape4, filterShape, a);
  const height = (g.outHeight - 1) * g.stride + g.filterHeight;
  const width = (g.outWidth - 1) * g.stride + g.filterWidth;
  const bottom = Math.max(0, height - g.top - g.inHeight);
  const right = Math.max(0, width - g.left - g.inWidth);
  const owned: tf.TensorInfo[] = [];
  const own = (t: tf.TensorInfo) => (owned.push(t), t);
  let padded = x;
  if (g.top || g.left || bottom || right) {
    const paddings = [
      [0, 0],
      [g.top, bottom],
      [g.left, right],
      [0, 0],
    ];
    padded = own(kernel(backend, 'PadV2', { x }, { paddings, constantValue: 0 }));
  }
  if (padded.shape[1] !== height || padded.shape[2] !== width) {
    const size = [padded.shape[0], height, width, padded.shape[3]];
    padded = own(kernel(backend, 'Slice', { x: padded }, { begin: [0, 0, 0, 0], size }));
  }
  const channelsFirst = own(kernel(backend, 'Transpose', { x: padded }, { perm: [3, 1, 2, 0] })); // [ci, h, w, batch]
  const asFilter = own(kernel(backend, 'Transpose', { x: dy }, { perm: [1, 2, 0, 3] })); // [oh, ow, batch, co]
  const gradient = own(convolve(backend, channelsFirst, asFilter, g.stride)); // [ci, kh, kw, co]
  const result = kernel(backend, 'Transpose', { x: gradient }, { perm: [1, 2, 0, 3] }); // [kh, kw, ci, co]
  for (const t of owned) backend.disposeData(t.dataId);
  return result;
}

/** Gradient of a convolution with respect to its input: a convolution of the dilated output gradient with the rotated filter. */
function inputGradient(
  backend: BackendWasm,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  inputShape: Shape4,
  a: ConvolutionAttributes,
) {
  const [kh, kw, ci, co] = filter.shape as Shape4;
  const g = geometry(inputShape, [kh, kw, ci, co], a);
  const [batch, height, width] = inputShape;
  const spreadShape: Shape4 = [batch, height + kh - 1, width + kw - 1, co];
  const spread = backend.makeOutput(spreadShape, 'float32');
  const rotated = backend.makeOutput([kh, kw, co, ci], 'float32');
  // Views into the heap are taken only after every allocation: growth of the heap would detach them.
  const from = backend.typedArrayFromHeap(dy) as Float32Array;
  const to = backend.typedArrayFromHeap(spread) as Float32Array;
  to.fill(0);
  const rowOffset = kh - 1 - g.top;
  const columnOffset = kw - 1 - g.left;
  for (let n = 0; n < batch; n++) {
    for (let oh = 0; oh < g.outHeight; oh++) {
      const h = oh * g.stride + rowOffset;
      if (h < 0 || h >= spreadShape[1]) continue;
      for (let ow = 0; ow < g.outWidth; ow++) {
        const w = ow * g.stride + columnOffset;
        if (w < 0 || w >= spreadShape[2]) continue;
        const source = ((n * g.outHeight + oh) * g.outWidth + ow) * co;
        to.set(from.subarray(source, source + co), ((n * spreadShape[1] + h) * spreadShape[2] + w) * co);
      }
    }
  }
  const w = backend.typedArrayFromHeap(filter) as Float32Array;
  const r = backend.typedArrayFromHeap(rotated) as Float32Array;
  const taps = kh * kw;
  for (let tap = 0; tap < taps; tap++) {
    for (let i = 0; i < ci; i++) {
      for (let o = 0; o < co; o++) r[((taps - 1 - tap) * co + o) * ci + i] = w[(tap * ci + i) * co + o]!;
    }
  }
  const result = convolve(backend, spread, rotated, 1);
  backend.disposeData(spread.dataId);
  backend.disposeData(rotated.dataId);
  return result;
}

/** TensorFlow.js takes the address 0, which its heap answers when it cannot grow, for memory, and writes there. */
function refuseNoMemory(backend: BackendWasm): void {
  const heap = backend.wasm as unknown as { _malloc(bytes: number): number; _free(address: number): void };
  heap._free(heap._malloc(1)); // Emscripten puts the real functions into their places at their first call
  const allocate = heap._malloc;
  heap._malloc = (bytes) => {
    const address = allocate(bytes);
    if (address === 0 && bytes > 0)
      throw new RangeError(`WebAssembly is out of memory: ${bytes} bytes more cannot be had`);
    return address;
  };
}

let initialised: Promise<void> | undefined;

/** Starts the WASM backend and registers its convolution gradients; safe to call again. */
export function initWasm(): Promise<void> {
  initialised ??= (async () => {
    setThreadsCount(availableParallelism());
    if (!(await tf.setBackend('wasm'))) throw new Error('TensorFlow.js could not start its WASM backend');
    await tf.ready();
    refuseNoMemory(tf.backend() as BackendWasm);
    tf.registerKernel({
      kernelName: 'Conv2DBackpropFilter',
      backendName: 'wasm',
      kernelFunc: ({ inputs, backend, attrs }) =>
        filterGradient(
          backend as BackendWasm,
          inputs['x']!,
          inputs['dy']!,
          attrs!['filterShape'] as unknown as Shape4,
          attrs as unknown as ConvolutionAttributes,
        ),
    });
    tf.unregisterKernel('Conv2DBackpropInput', 'wasm');
    tf.registerKernel({
      kernelName: 'Conv2DBackpropInput',
      backendName: 'wasm',
      kernelFunc: ({ inputs, backend, attrs }) =>
        inputGradient(
          backend as BackendWasm,
          inputs['dy']!,
          inputs['filter']!,
          attrs!['inputShape'] as unknown as Shape4,
          attrs as unknown as ConvolutionAttributes,
        ),
    });
  })();
  return initialised;
}

/** Eager training and evaluation on the WASM backend. */
export async function createWasmBackend(): Promise<ComputeBackend> {
  await initWasm();
  return eagerBackend('wasm', { name: 'wasm', provider: 'cpu', device: 'WebAssembly' });
}
