/** Nodes that compute the same from the same inputs become one. Every operator that lowerings use is deterministic. */
import type { OnnxNode } from '../onnx-graph.ts';
import { type Pass, renameInputs } from './pass.ts';

export const mergeCommonSubexpressions: Pass = (graph) => {
  const renamed = new Map<string, string>();
  const known = new Map<string, OnnxNode>();
  const nodes: OnnxNode[] = [];
  for (const original of graph.nodes) {
    const [node] = renameInputs([original], renamed) as [OnnxNode];
    const key = JSON.stringify([node.op, node.inputs, node.attributes, node.outputs.length]);
    const twin = known.get(key);
    if (twin && !node.outputs.some((output) => graph.outputs.includes(output))) {
      node.outputs.forEach((output, i) => renamed.set(output, twin.outputs[i]!));
      continue;
    }
    if (!twin) known.set(key, node);
    nodes.push(node);
  }
  return { ...graph, nodes };
};
