/** Builds an `OnnxGraph` node by node. Lowerings see values with their types and never write names themselves. */
import { addDims, broadcastShapes, type Dim, isFixed, isFixedShape, sameShape } from './batch-dim.ts';
import {
  int,
  type Initializer,
  ints,
  type OnnxAttribute,
  type OnnxDtype,
  type OnnxGraph,
  type ValueType,
} from './onnx-graph.ts';

/** A value of the graph that is being built. */
export interface Value extends ValueType {
  name: string;
}

export class GraphBuilder {
  readonly graph: OnnxGraph;
  /** Prefix of the nodes to come: the kernel that is being lowered. */
  scope = 'graph';
  /** The input whose first dimension is the batch size; set where the batch is dynamic. */
  batchInput: Value | null = null;
  #next = 0;
  readonly #known = new Map<string, Value>();

  constructor(name: string) {
    this.graph = { name, nodes: [], types: new Map(), initializers: new Map(), inputs: [], outputs: [] };
  }

  input(name: string, dtype: OnnxDtype, shape: Dim[]): Value {
    this.graph.inputs.push(name);
    this.graph.types.set(name, { dtype, shape });
    return { name, dtype, shape };
  }

  /** Gives a value the public name of an output. */
  output(name: string, value: Value): void {
    this.graph.nodes.push({ op: 'Identity', name, inputs: [value.name], outputs: [name], attributes: {} });
    this.graph.types.set(name, { dtype: value.dtype, shape: value.shape });
    this.graph.outputs.push(name);
  }

  /** One node with one output. `null` leaves an optional input out. */
  op(
    op: string,
    inputs: (Value | null)[],
    type: ValueType,
    attributes: Record<string, OnnxAttribute> = {},
  ): Value {
    return this.ops(op, inputs, [type], attributes)[0]!;
  }

  /** One node with several outputs. */
  ops(
    op: string,
    inputs: (Value | null)[],
    types: ValueType[],
    attributes: Record<string, OnnxAttribute> = {},
  ): Value[] {
    const outputs = types.map(({ dtype, shape }) => ({ name: `#${this.#next++}`, dtype, shape: [...shape] }));
    for (const { name, dtype, shape } of outputs) this.graph.types.set(name, { dtype, shape });
    this.graph.nodes.push({
      op,
      name: `${this.scope}/${op}_${this.graph.nodes.length}`,
      inputs: inputs.map((input) => input?.name ?? ''),
      outputs: outputs.map((output) => output.name),
      attributes,
    });
    return outputs;
  }

  constant(data: Initializer['data'], dtype: OnnxDtype, shape: number[]): Value {
    const key = data.length <= 64 ? `${dtype}:${shape.join()}:${Array.from(data, keyOf).join()}` : null;
    const known = key === null ? undefined : this.#known.get(key);
    if (known) return known;
    const value = { name: `#${this.#next++}`, dtype, shape: [...shape] };
    this.graph.initializers.set(value.name, { data, dtype, shape: [...shape] });
    this.graph.types.set(value.name, { dtype, shape: [...shape] });
    if (key !== null) this.#known.set(key, value);
    return value;
  }

  /** A number as a tensor of rank 0. */
  scalar(value: number, dtype: OnnxDtype = 'float32'): Value {
    return this.constant(typedData([value], dtype), dtype, []);
  }

  /** Integers as an int64 vector, the form in which ONNX takes axes, sizes and shapes. */
  ints(values: number[]): Value {
    return this.constant(typedData(values, 'int64'), 'int64', [values.length]);
  }

  /** Dimensions as an int64 vector; those that depend on the batch are computed from the input's shape. */
  dims(dims: readonly Dim[]): Value {
    if (isFixedShape(dims)) return this.ints(dims);
    const parts = dims.map((dim) =>
      isFixed(dim) ? this.ints([dim]) : this.#batchDim(dim.perItem, dim.fixed),
    );
    if (parts.length === 1) return parts[0]!;
    return this.op('Concat', parts, { dtype: 'int64', shape: [parts.length] }, { axis: int(0) });
  }

  #batchDim(perItem: number, fixed: number): Value {
    if (!this.batchInput) throw new Error('A dimension depends on the batch, but no input is batched.');
    const vector = { dtype: 'int64', shape: [1] } as const;
    const shapeType: ValueType = { dtype: 'int64', shape: [this.batchInput.shape.length] };
    const shape = this.op('Shape', [this.batchInput], shapeType);
    const size = this.op('Slice', [shape, this.ints([0]), this.ints([1])], { ...vector, shape: [1] });
    const scaled =
      perItem === 1 ? size : this.op('Mul', [size, this.ints([perItem])], { ...vector, shape: [1] });
    return fixed === 0 ? scaled : this.op('Add', [scaled, this.ints([fixed])], { ...vector, shape: [1] });
  }

  /** Elementwise operation of one operand. */
  unary(
    op: string,
    x: Value,
    dtype: OnnxDtype = x.dtype,
    attributes: Record<string, OnnxAttribute> = {},
  ): Value {
    return this.op(op, [x], { dtype, shape: x.shape }, attributes);
  }

  /** Elementwise operation of two operands, with broadcasting. */
  binary(op: string, a: Value, b: Value, dtype: OnnxDtype = a.dtype): Value {
    return this.op(op, [a, b], { dtype, shape: broadcastShapes(a.shape, b.shape) });
  }

  cast(x: Value, dtype: OnnxDtype): Value {
    if (x.dtype === dtype) return x;
    return this.unary('Cast', x, dtype, { to: int(dtypeCode[dtype]) });
  }

  reshape(x: Value, shape: Dim[]): Value {
    if (sameShape(x.shape, shape)) return x;
    const open = shape.filter((dim) => !isFixed(dim)).length;
    const inferred = open === 1 && !shape.includes(0);
    const target = inferred ? this.ints(shape.map((dim) => (isFixed(dim) ? dim : -1))) : this.dims(shape);
    return this.op('Reshape', [x, target], { dtype: x.dtype, shape });
  }

  transpose(x: Value, perm: number[]): Value {
    if (perm.every((axis, i) => axis === i)) return x;
    const shape = perm.map((axis) => x.shape[axis]!);
    return this.op('Transpose', [x], { dtype: x.dtype, shape }, { perm: ints(perm) });
  }

  /** `x` from `begin`, `size` long, on the given axes. */
  slice(x: Value, axes: number[], begin: Dim[], size: Dim[]): Value {
    const shape = [...x.shape];
    axes.forEach((axis, i) => (shape[axis] = size[i]!));
    const needed = axes.map((axis, i) => ({ axis, begin: begin[i]!, size: size[i]! }));
    const kept = needed.filter((part) => part.begin !== 0 || !sameShape([part.size], [x.shape[part.axis]!]));
    if (kept.length === 0) return x;
    const end = kept.map((part) => addDims(part.begin, part.size));
    const starts = this.dims(kept.map((part) => part.begin));
    return this.op('Slice', [x, starts, this.dims(end), this.ints(kept.map((part) => part.axis))], {
      dtype: x.dtype,
      shape,
    });
  }

  /** Adds zeros (or `value`) before and after each axis. */
  pad(x: Value, paddings: [Dim, Dim][], value?: Value): Value {
    if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
    const shape = x.shape.map((dim, i) => addDims(addDims(dim, paddings[i]![0]), paddings[i]![1]));
    const widths = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)];
    const inputs = value ? [x, this.dims(widths), value] : [x, this.dims(widths)];
    return this.op('Pad', inputs, { dtype: x.dtype, shape });
  }

  /** Product of the last two axes. */
  matMul(a: Value, b: Value): Value {
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return this.op('MatMul', [a, b], { dtype: a.dtype, shape: [...batch, a.shape.at(-2)!, b.shape.at(-1)!] });
  }

  reduce(op: string, x: Value, axes: number[], keepDims: boolean): Value {
    if (axes.length === 0) return x;
    const shape = x.shape.flatMap((dim, i) => (!axes.includes(i) ? [dim] : keepDims ? [1] : []));
    const attributes = { keepdims: int(keepDims ? 1 : 0) };
    return this.op(op, [x, this.ints(axes)], { dtype: x.dtype, shape }, attributes);
  }
}

/** Distinguishes -0 from 0, which must not share a constant. */
const keyOf = (value: number | bigint): string => (Object.is(value, -0) ? '-0' : String(value));

/** ONNX's numbers for element types. */
export const dtypeCode: Record<OnnxDtype, number> = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 };

/** Numbers as the typed array that an element type is stored in. */
export function typedData(values: ArrayLike<number>, dtype: OnnxDtype): Initializer['data'] {
  if (dtype === 'float32') return Float32Array.from(values);
  if (dtype === 'int32') return Int32Array.from(values);
  if (dtype === 'int64') return BigInt64Array.from(values, BigInt);
  return Uint8Array.from(values);
}
