/** x * 1, x / 1, x + 0, x - 0 and x ^ 1 are x. */
import { sameShape } from '../batch-dim.ts';
import { GraphRewriter } from './graph-rewriter.ts';
import type { Pass } from './pass.ts';

const neutralRight: Readonly<Record<string, number>> = { Mul: 1, Div: 1, Pow: 1, Add: 0, Sub: 0 };
const commutes: ReadonlySet<string> = new Set(['Mul', 'Add']);

export const dropNeutralElements: Pass = (graph) => {
  const g = new GraphRewriter(graph, 'n');
  for (const node of g.nodes()) {
    const [output] = node.outputs as [string];
    const neutral = neutralRight[node.op];
    const [a, b] = node.inputs as [string, string];
    const kept =
      neutral === undefined || g.isOutput(output)
        ? null
        : g.number(b) === neutral
          ? a
          : commutes.has(node.op) && g.number(a) === neutral
            ? b
            : null;
    if (kept !== null && sameShape(g.shape(kept), g.shape(output))) g.rename(output, kept);
    else g.keep(node);
  }
  return g.finish();
};
