/**
 * Constants that hold one number many times become that number, expanded: gradients of means multiply by ones as large
 * as the picture. `broadcasts.ts` then removes most of the expansions.
 */
import { typedData } from '../graph-builder.ts';
import type { OnnxNode } from '../onnx-graph.ts';
import type { Pass } from './pass.ts';

/** Smaller constants cost nothing. */
const smallest = 32;

export const expandUniformConstants: Pass = (graph) => {
  const initializers = new Map(graph.initializers);
  const types = new Map(graph.types);
  const expansions: OnnxNode[] = [];
  for (const [name, { dtype, shape, data }] of graph.initializers) {
    if (data.length < smallest || dtype === 'int64' || !isUniform(data as Float32Array)) continue;
    const [scalar, target] = [`${name}/value`, `${name}/shape`];
    initializers.delete(name);
    initializers.set(scalar, { dtype, shape: [], data: typedData([data[0] as number], dtype) });
    initializers.set(target, { dtype: 'int64', shape: [shape.length], data: typedData(shape, 'int64') });
    types.set(scalar, { dtype, shape: [] });
    types.set(target, { dtype: 'int64', shape: [shape.length] });
    expansions.push({ op: 'Expand', name, inputs: [scalar, target], outputs: [name], attributes: {} });
  }
  return { ...graph, nodes: [...expansions, ...graph.nodes], initializers, types };
};

const isUniform = (data: Float32Array | Int32Array | Uint8Array): boolean =>
  data.every((value) => Object.is(value, data[0]));
