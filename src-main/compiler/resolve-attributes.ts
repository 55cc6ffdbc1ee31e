/**
 * Attributes whose meaning depends on the shapes at hand are spelled out while the shapes are known, so that traces at
 * two batch sizes can be compared number by number.
 */
import * as tf from '@tensorflow/tfjs-core';

interface StridedSliceAttrs {
  begin: number[];
  end: number[];
  strides: number[];
  beginMask: number;
  endMask: number;
  ellipsisMask: number;
  newAxisMask: number;
  shrinkAxisMask: number;
}

/** Returns plain attributes for a kernel; for all but a few, a copy of what was given. */
export function resolveAttributes(
  kernel: string,
  attrs: Record<string, unknown>,
  inputs: Record<string, unknown>,
): Record<string, unknown> {
  const shape = (inputs['x'] as tf.TensorInfo | undefined)?.shape ?? [];
  if (kernel === 'StridedSlice') {
    const a = attrs as unknown as StridedSliceAttrs;
    const { begin, end, strides } = tf.slice_util.sliceInfo(
      shape,
      a.begin,
      a.end,
      a.strides,
      a.beginMask,
      a.endMask,
      a.ellipsisMask,
      a.newAxisMask,
      a.shrinkAxisMask,
    );
    return { begin, end, strides };
  }
  if (kernel === 'Slice') {
    const { begin, size } = attrs as { begin: number | number[]; size: number | number[] };
    const [start] = tf.slice_util.parseSliceParams({ shape } as tf.Tensor, begin, size);
    return { begin: start };
  }
  if (kernel === 'Transpose') {
    const perm = attrs['perm'] as number[] | undefined;
    return { perm: perm ?? shape.map((_, i) => shape.length - 1 - i) };
  }
  return { ...attrs };
}
