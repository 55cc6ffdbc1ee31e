/**
 * A transpose of a transpose becomes one, or none: where convolutions follow each other, NCHW -> NHWC -> NCHW is nothing.
 * Moving transposes past other operators is left to ONNX Runtime, which does it when it loads a graph.
 */
import { ints, intsOf } from '../onnx-graph.ts';
import { GraphRewriter } from './graph-rewriter.ts';
import type { Pass } from './pass.ts';

export const cancelTransposes: Pass = (graph) => {
  const g = new GraphRewriter(graph, 'p');
  /** For each transposed value: axis i of it is axis perm[i] of its source. */
  const origins = new Map<string, { source: string; perm: number[] }>();
  for (const node of g.nodes()) {
    if (node.op !== 'Transpose') {
      g.keep(node);
      continue;
    }
    const [input] = node.inputs as [string];
    const [output] = node.outputs as [string];
    const before = origins.get(input);
    const source = before?.source ?? input;
    const perm = intsOf(node, 'perm').map((axis) => before?.perm[axis] ?? axis);
    if (perm.every((axis, i) => axis === i) && !g.isOutput(output)) {
      g.rename(output, source);
      continue;
    }
    origins.set(output, { source, perm });
    g.keep({ ...node, inputs: [source], attributes: { perm: ints(perm) } });
  }
  return g.finish();
};
