/**
 * Moves transposes towards the end of the graph until they meet their opposites. Convolutions want NCHW while the traced
 * function thinks in NHWC; after this pass a network runs in NCHW from its first convolution to its last.
 */
import { type Dim, productOfDims, sameShape } from '../batch-dim.ts';
import { int, intsOf, type OnnxNode } from '../onnx-graph.ts';
import { GraphRewriter, isWritable } from './graph-rewriter.ts';
import { isElementwise, isReduction } from './operators.ts';
import type { Pass } from './pass.ts';
import { transposedData } from './transposed-data.ts';

/** `value` is `source` with its axes permuted: axis i of the value is axis perm[i] of the source. */
interface Origin {
  source: string;
  perm: number[];
}

export const sinkTransposes: Pass = (graph) => {
  const sinker = new Sinker(new GraphRewriter(graph, 'p'));
  for (const node of sinker.g.nodes()) sinker.take(node);
  return sinker.g.finish();
};

class Sinker {
  readonly g: GraphRewriter;
  readonly #origins = new Map<string, Origin>();

  constructor(g: GraphRewriter) {
    this.g = g;
  }

  take(node: OnnxNode): void {
    if (node.op === 'Transpose') this.#transpose(node);
    else if (!this.#sink(node)) this.g.keep(node);
  }

  #sink(node: OnnxNode): boolean {
    if (!node.inputs.some((input) => this.#origins.has(input))) return false;
    if (isElementwise(node.op)) return this.#elementwise(node);
    if (isReduction(node.op)) return this.#reduction(node);
    if (node.op === 'Concat') return this.#concat(node);
    if (node.op === 'Pad') return this.#pad(node);
    if (node.op === 'Slice') return this.#slice(node);
    return false;
  }

  #transpose(node: OnnxNode): void {
    const [input] = node.inputs as [string];
    const [output] = node.outputs as [string];
    const perm = intsOf(node, 'perm');
    const before = this.#origins.get(input);
    const origin = before
      ? { source: before.source, perm: perm.map((axis) => before.perm[axis]!) }
      : { source: input, perm };
    this.#define(node, output, origin);
  }

  /** Makes `output` as a transposed `source`; later nodes may use the source instead. */
  #define(node: OnnxNode, output: string, origin: Origin): void {
    const { source, perm } = origin;
    const identity = perm.every((axis, i) => axis === i);
    if (identity && !this.g.isOutput(output)) {
      this.g.rename(output, source);
      return;
    }
    this.#origins.set(output, origin);
    const constant = this.g.initializer(source);
    const shape = this.g.shape(output);
    if (constant && !this.g.isOutput(output)) {
      this.g.rename(output, this.g.constant(transposedData(constant, perm)));
    } else if (keepsOrder(this.g.shape(source), perm) && isWritable(shape)) {
      const target = this.g.integersConstant(shape.map((dim) => (typeof dim === 'number' ? dim : -1)));
      this.g.emit(node, 'Reshape', [source, target], this.g.type(output), {}, output);
    } else {
      this.g.transpose(node, source, perm, output);
    }
  }

  /** All operands are read in the source's layout: transposed ones for nothing, small ones at little cost. */
  #elementwise(node: OnnxNode): boolean {
    const [output] = node.outputs as [string];
    const { dtype, shape } = this.g.type(output);
    const origins = node.inputs.flatMap((input) => this.#origins.get(input) ?? []);
    const { perm } = origins[0]!;
    if (perm.length !== shape.length || origins.some((one) => String(one.perm) !== String(perm)))
      return false;
    const total = productOfDims(shape);
    const plan = node.inputs.map((input) => {
      const origin = this.#origins.get(input);
      if (origin) return () => origin.source;
      if (input === '' || productOfDims(this.g.shape(input)) === 1) return () => this.#flat(node, input);
      return this.#isCheap(input, perm, total) ? () => this.#inLayout(node, input, perm) : null;
    });
    if (plan.includes(null)) return false;
    const inputs = plan.map((make) => make!());
    const type = { dtype, shape: permuted(shape, inverse(perm)) };
    const source = this.g.emit(node, node.op, inputs, type, node.attributes);
    this.#define(node, output, { source, perm });
    return true;
  }

  /** A value of one element broadcasts in any layout, if it has no more axes than the result; scalars always do. */
  #flat(node: OnnxNode, input: string): string {
    return input === '' || this.g.shape(input).length === 0 ? input : this.g.reshape(node, input, []);
  }

  /** Constants are moved at compile time, values whose axes keep their order are only reshaped. */
  #isCheap(input: string, perm: number[], total: Dim | null): boolean {
    const shape = padded(this.g.shape(input), perm.length);
    if (this.g.initializer(input)) return true;
    if (keepsOrder(shape, inverse(perm)) && isWritable(shape)) return true;
    const size = productOfDims(shape);
    return typeof size === 'number' && typeof total === 'number' && size * 8 <= total;
  }

  #inLayout(node: OnnxNode, input: string, perm: number[]): string {
    const shape = padded(this.g.shape(input), perm.length);
    const back = inverse(perm);
    const constant = this.g.initializer(input);
    if (constant) return this.g.constant(transposedData({ ...constant, shape: shape as number[] }, back));
    if (keepsOrder(shape, back) && isWritable(shape))
      return this.g.reshape(node, input, permuted(shape, back));
    return this.g.transpose(node, this.g.reshape(node, input, shape), back);
  }

  #reduction(node: OnnxNode): boolean {
    const [input, axesName] = node.inputs as [string, string];
    const [output] = node.outputs as [string];
    const axes = this.g.integers(axesName);
    const { source, perm } = this.#origins.get(input)!;
    if (axes === null) return false;
    const keep = intsOf(node, 'keepdims')[0] === 1;
    const reduced = axes.map((axis) => perm[axis]!).sort((a, b) => a - b);
    const left = perm.filter((axis) => !reduced.includes(axis));
    const sorted = left.toSorted((a, b) => a - b);
    const outPerm = keep ? perm : left.map((axis) => sorted.indexOf(axis));
    const { dtype, shape } = this.g.type(output);
    const type = { dtype, shape: permuted(shape, inverse(outPerm)) };
    const inputs = [source, this.g.integersConstant(reduced)];
    const result = this.g.emit(node, node.op, inputs, type, node.attributes);
    this.#define(node, output, { source: result, perm: outPerm });
    return true;
  }

  #concat(node: OnnxNode): boolean {
    const [output] = node.outputs as [string];
    const origins = node.inputs.map((input) => this.#origins.get(input));
    const perm = origins[0]?.perm;
    if (!perm || origins.some((one) => String(one?.perm) !== String(perm))) return false;
    const { dtype, shape } = this.g.type(output);
    const type = { dtype, shape: permuted(shape, inverse(perm)) };
    const sources = origins.map((one) => one!.source);
    const attributes = { axis: int(perm[intsOf(node, 'axis')[0]!]!) };
    this.#define(node, output, { source: this.g.emit(node, 'Concat', sources, type, attributes), perm });
    return true;
  }

  #pad(node: OnnxNode): boolean {
    const [input, widthsName, ...rest] = node.inputs as [string, string, ...string[]];
    const [output] = node.outputs as [string];
    const widths = this.g.integers(widthsName);
    const origin = this.#origins.get(input);
    if (widths === null || !origin) return false;
    const { source, perm } = origin;
    const back = inverse(perm);
    const moved = [
      ...permuted(widths.slice(0, perm.length), back),
      ...permuted(widths.slice(perm.length), back),
    ];
    const { dtype, shape } = this.g.type(output);
    const inputs = [source, this.g.integersConstant(moved), ...rest];
    const result = this.g.emit(node, 'Pad', inputs, { dtype, shape: permuted(shape, back) }, node.attributes);
    this.#define(node, output, { source: result, perm });
    return true;
  }

  #slice(node: OnnxNode): boolean {
    const [input, starts, ends, axesName, ...steps] = node.inputs as [
      string,
      string,
      string,
      string,
      ...string[],
    ];
    const [output] = node.outputs as [string];
    const axes = this.g.integers(axesName);
    const origin = this.#origins.get(input);
    if (axes === null || !origin) return false;
    const { source, perm } = origin;
    const { dtype, shape } = this.g.type(output);
    const moved = this.g.integersConstant(axes.map((axis) => perm[axis]!));
    const type = { dtype, shape: permuted(shape, inverse(perm)) };
    const result = this.g.emit(node, 'Slice', [source, starts, ends, moved, ...steps], type, node.attributes);
    this.#define(node, output, { source: result, perm });
    return true;
  }
}

const permuted = <T>(values: readonly T[], perm: number[]): T[] => perm.map((axis) => values[axis]!);

function inverse(perm: number[]): number[] {
  const result = new Array<number>(perm.length);
  perm.forEach((axis, i) => (result[axis] = i));
  return result;
}

const padded = (shape: readonly Dim[], rank: number): Dim[] => [
  ...new Array<Dim>(Math.max(0, rank - shape.length)).fill(1),
  ...shape,
];

/** Whether a permutation leaves the order of the axes longer than one as it is: then it moves no data. */
function keepsOrder(shape: readonly Dim[], perm: number[]): boolean {
  const long = perm.filter((axis) => !sameShape([shape[axis]!], [1]));
  return long.every((axis, i) => i === 0 || long[i - 1]! < axis);
}
