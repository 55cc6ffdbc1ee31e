/** The working copy of a graph that a pass fills, node by node, while it reads the old one in order. */
import { broadcastShapes, type Dim, sameShape } from '../batch-dim.ts';
import { typedData } from '../graph-builder.ts';
import {
  type Initializer,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type ValueType,
} from '../onnx-graph.ts';

export class GraphRewriter {
  readonly #nodes: OnnxNode[] = [];
  readonly #types: Map<string, ValueType>;
  readonly #initializers: Map<string, Initializer>;
  readonly #old: OnnxGraph;
  readonly #renamed = new Map<string, string>();
  readonly #tag: string;
  #next = 0;

  /** `tag` keeps the names that this pass makes apart from all others. */
  constructor(graph: OnnxGraph, tag: string) {
    this.#old = graph;
    this.#types = new Map(graph.types);
    this.#initializers = new Map(graph.initializers);
    let unique = tag;
    while (graph.types.has(`#${unique}0`)) unique += "'";
    this.#tag = unique;
  }

  /** The old nodes in order, their inputs under their present names. */
  *nodes(): Generator<OnnxNode> {
    for (const node of this.#old.nodes)
      yield { ...node, inputs: node.inputs.map((input) => this.#renamed.get(input) ?? input) };
  }

  type(name: string): ValueType {
    return this.#types.get(name)!;
  }

  shape(name: string): Dim[] {
    return this.type(name).shape;
  }

  initializer(name: string): Initializer | undefined {
    return this.#initializers.get(name);
  }

  /** The integers of an int64 initialiser; `null` where the value is computed. */
  integers(name: string): number[] | null {
    const { dtype, data } = this.#initializers.get(name) ?? {};
    return dtype === 'int64' ? Array.from(data as BigInt64Array, Number) : null;
  }

  /** The one number of a floating-point scalar constant; `null` for anything else. */
  number(name: string): number | null {
    const { dtype, data } = this.#initializers.get(name) ?? {};
    return dtype === 'float32' && data!.length === 1 ? (data![0] as number) : null;
  }

  isOutput(name: string): boolean {
    return this.#old.outputs.includes(name);
  }

  keep(node: OnnxNode): void {
    this.#nodes.push(node);
  }

  /** Uses of `name` become uses of `other`. Not for outputs of the graph. */
  rename(name: string, other: string): void {
    this.#renamed.set(name, other);
  }

  emit(
    like: OnnxNode,
    op: string,
    inputs: string[],
    type: ValueType,
    attributes: Record<string, OnnxAttribute> = {},
    output = this.#fresh(type),
  ): string {
    this.#nodes.push({
      op,
      name: `${like.name}.${this.#nodes.length}`,
      inputs,
      outputs: [output],
      attributes,
    });
    return output;
  }

  constant(initializer: Initializer): string {
    const name = this.#fresh({ dtype: initializer.dtype, shape: initializer.shape });
    this.#initializers.set(name, initializer);
    return name;
  }

  integersConstant(values: number[]): string {
    return this.constant({ dtype: 'int64', shape: [values.length], data: typedData(values, 'int64') });
  }

  /** `name` with another shape of the same size, at most one of whose dimensions depends on the batch. */
  reshape(like: OnnxNode, name: string, shape: Dim[]): string {
    if (sameShape(this.shape(name), shape)) return name;
    const target = shape.map((dim) => (typeof dim === 'number' ? dim : -1));
    return this.emit(like, 'Reshape', [name, this.integersConstant(target)], {
      dtype: this.type(name).dtype,
      shape,
    });
  }

  /** The shape that an elementwise operator gives on these inputs; left-out inputs do not count. */
  broadcast(inputs: string[]): Dim[] {
    return inputs
      .filter((input) => input !== '')
      .reduce((shape: Dim[], input) => broadcastShapes(shape, this.shape(input)), []);
  }

  finish(): OnnxGraph {
    return { ...this.#old, nodes: this.#nodes, types: this.#types, initializers: this.#initializers };
  }

  #fresh(type: ValueType): string {
    const name = `#${this.#tag}${this.#next++}`;
    this.#types.set(name, type);
    return name;
  }
}
