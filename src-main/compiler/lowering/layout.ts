/** The border between TensorFlow.js's NHWC and ONNX's NCHW. Pairs that meet cancel later, in `passes/`. */
import type { GraphBuilder, Value } from '../graph-builder.ts';

export const toNCHW = (g: GraphBuilder, x: Value): Value => g.transpose(x, [0, 3, 1, 2]);
export const toNHWC = (g: GraphBuilder, x: Value): Value => g.transpose(x, [0, 2, 3, 1]);
