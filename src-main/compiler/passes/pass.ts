/** A pass: a pure function from a graph to an equivalent one. It may share parts with its argument but never changes it. */
import type { OnnxGraph, OnnxNode } from '../onnx-graph.ts';

export type Pass = (graph: OnnxGraph) => OnnxGraph;

/** Nodes with their inputs renamed; a chain of renamings is followed to its end. */
export function renameInputs(nodes: OnnxNode[], renamed: ReadonlyMap<string, string>): OnnxNode[] {
  if (renamed.size === 0) return nodes;
  const final = (name: string): string => {
    let current = name;
    for (let next = renamed.get(current); next !== undefined; next = renamed.get(current)) current = next;
    return current;
  };
  return nodes.map((node) =>
    node.inputs.some((input) => renamed.has(input)) ? { ...node, inputs: node.inputs.map(final) } : node,
  );
}
