/** Removes nodes and initialisers that no output needs. */
import type { Pass } from './pass.ts';

export const removeDeadCode: Pass = (graph) => {
  const needed = new Set(graph.outputs);
  const nodes = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    nodes.push(node);
    for (const input of node.inputs) needed.add(input);
  }
  const initializers = new Map([...graph.initializers].filter(([name]) => needed.has(name)));
  return { ...graph, nodes: nodes.reverse(), initializers };
};
