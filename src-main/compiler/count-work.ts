/**
 * The floating-point work of one run of a graph, counted from its shapes. It is what the graph asks for, whatever a
 * provider does to save some of it, so that times on different providers can be told as rates of the same work.
 */
import type { Dim } from './batch-dim.ts';
import { intsOf, type OnnxGraph, type OnnxNode } from './onnx-graph.ts';

/** Floating-point operations; a multiplication and the addition of its product are two. */
export interface Work {
  /** Convolutions, transposed convolutions and matrix products. Taps that lie in the padding count like the others. */
  matrix: number;
  /** Everything else: see `otherWork`. */
  other: number;
}

/** Operators that only move values, choose a shape or change a type. */
const moving: ReadonlySet<string> = new Set([
  ...['Cast', 'Concat', 'Expand', 'Gather', 'GatherND', 'Identity', 'Pad', 'Range', 'Reshape'],
  ...['ScatterElements', 'ScatterND', 'Shape', 'Slice', 'Tile', 'Transpose'],
]);

/** @param batch the batch size of a graph whose shapes leave it open */
export function countWork(graph: OnnxGraph, batch = 1): Work {
  const sizeOf = (dim: Dim): number => (typeof dim === 'number' ? dim : dim.perItem * batch + dim.fixed);
  const shapeOf = (name: string): number[] => graph.types.get(name)!.shape.map(sizeOf);
  const isFloat = (name: string): boolean => graph.types.get(name)?.dtype === 'float32';
  const work: Work = { matrix: 0, other: 0 };
  for (const node of graph.nodes) {
    if (![...node.inputs, ...node.outputs].some(isFloat)) continue;
    const products = multiplyAdds(node, shapeOf);
    if (products === null) work.other += otherWork(node, shapeOf);
    else {
      work.matrix += 2 * products;
      if (node.inputs[2]) work.other += product(shapeOf(node.outputs[0]!)); // the bias
    }
  }
  return work;
}

const product = (shape: readonly number[]): number => shape.reduce((size, dim) => size * dim, 1);

/** Multiplications that are added up, by the operator's definition; `null` for an operator that is none of these. */
function multiplyAdds(node: OnnxNode, shapeOf: (name: string) => number[]): number | null {
  const [a, b] = node.inputs as [string, string];
  const results = () => product(shapeOf(node.outputs[0]!));
  switch (node.op) {
    case 'Conv': // each result sums over the filter [out, in / groups, ...]
      return results() * product(shapeOf(b).slice(1));
    case 'ConvTranspose': // each input value is spread by its filter [in, out / groups, ...]
      return product(shapeOf(a)) * product(shapeOf(b).slice(1));
    case 'MatMul':
      return results() * shapeOf(a).at(-1)!;
    case 'Gemm':
      return results() * shapeOf(a)[intsOf(node, 'transA', [0])[0] === 0 ? 1 : 0]!;
    default:
      return null;
  }
}

/**
 * One operation for each result of an elementwise operator, however dear it is (a sigmoid counts like an addition); for
 * each value that a reduction or a pooling window takes in; none where values are only moved.
 */
function otherWork(node: OnnxNode, shapeOf: (name: string) => number[]): number {
  if (moving.has(node.op)) return 0;
  if (/^(Reduce|Arg|TopK)/.test(node.op)) return product(shapeOf(node.inputs[0]!));
  const results = product(shapeOf(node.outputs[0]!));
  return /Pool$/.test(node.op) ? results * product(intsOf(node, 'kernel_shape')) : results;
}
