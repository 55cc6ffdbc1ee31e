/** Casts of casts: bytes that become integers and then floats become floats at once; casts to the same type go. */
import { producersOf } from '../onnx-graph.ts';
import { GraphRewriter } from './graph-rewriter.ts';
import type { Pass } from './pass.ts';

export const mergeCasts: Pass = (graph) => {
  const g = new GraphRewriter(graph, 't');
  const producers = producersOf(graph);
  for (const node of g.nodes()) {
    const [input] = node.inputs as [string];
    const before = node.op === 'Cast' ? producers.get(input) : undefined;
    const source = before?.op === 'Cast' ? before.inputs[0]! : null;
    // every byte is exact as an integer of 32 bits
    const lossless = source !== null && g.type(source).dtype === 'uint8' && g.type(input).dtype === 'int32';
    g.keep(lossless ? { ...node, inputs: [source] } : node);
  }
  return g.finish();
};
