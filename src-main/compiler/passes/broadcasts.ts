/**
 * Expanded values go into elementwise operators as they were before: ONNX broadcasts by itself. Where every operand was
 * expanded, the operator runs on the small values and its result is expanded instead.
 */
import { productOfDims, sameShape } from '../batch-dim.ts';
import { intsOf } from '../onnx-graph.ts';
import { GraphRewriter } from './graph-rewriter.ts';
import { isElementwise } from './operators.ts';
import type { Pass } from './pass.ts';

export const removeBroadcasts: Pass = (graph) => {
  const g = new GraphRewriter(graph, 'b');
  /** For each expanded value: what it was, and the node input that holds its shape. */
  const expanded = new Map<string, { source: string; target: string }>();
  const small = (name: string) => expanded.get(name)?.source ?? name;
  for (const node of g.nodes()) {
    const [output] = node.outputs as [string];
    const shape = g.shape(output);
    if (node.op === 'Expand') {
      const inputs = [small(node.inputs[0]!), node.inputs[1]!];
      g.keep({ ...node, inputs });
      expanded.set(output, { source: inputs[0]!, target: inputs[1]! });
    } else if (isElementwise(node.op) && node.inputs.some((input) => expanded.has(input))) {
      const inputs = node.inputs.map(small);
      const needed = g.broadcast(inputs);
      if (sameShape(needed, shape)) {
        g.keep({ ...node, inputs });
        continue;
      }
      const whole = node.inputs.find((input) => expanded.has(input) && sameShape(g.shape(input), shape));
      if (whole === undefined) {
        g.keep(node);
        continue;
      }
      const source = g.emit(
        node,
        node.op,
        inputs,
        { dtype: g.type(output).dtype, shape: needed },
        node.attributes,
      );
      const { target } = expanded.get(whole)!;
      g.emit(node, 'Expand', [source, target], g.type(output), {}, output);
      expanded.set(output, { source, target });
    } else if (node.op === 'Transpose' && isOne(g, small(node.inputs[0]!)) && expanded.has(node.inputs[0]!)) {
      const { source, target } = expanded.get(node.inputs[0]!)!;
      const sizes = g.integers(target);
      if (sizes === null) {
        g.keep(node);
        continue;
      }
      const moved = g.integersConstant(intsOf(node, 'perm').map((axis) => sizes[axis]!));
      const scalar = g.reshape(node, source, []);
      g.emit(node, 'Expand', [scalar, moved], g.type(output), {}, output);
      expanded.set(output, { source: scalar, target: moved });
    } else {
      g.keep(node);
    }
  }
  return g.finish();
};

const isOne = (g: GraphRewriter, name: string): boolean => productOfDims(g.shape(name)) === 1;
