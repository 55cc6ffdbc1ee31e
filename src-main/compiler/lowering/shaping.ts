/** Kernels that move values without computing: reshaping, slicing, padding, tiling, filling. */
import { addDims, type Dim, isFixed, isFixedShape, sameDim } from '../batch-dim.ts';
import { type GraphBuilder, typedData, type Value } from '../graph-builder.ts';
import { int, string } from '../onnx-graph.ts';
import type { Lowering, Lowerings } from './lowering.ts';

const reshaping =
  (input: string): Lowering =>
  (call, g) =>
    g.reshape(call.input(input), call.outputs[0]!.shape);

/** A tensor filled with one number. Where the shape is fixed, the number alone is stored and expanded when run. */
export function filled(g: GraphBuilder, value: number, dtype: Value['dtype'], shape: Dim[]): Value {
  const number = g.scalar(value, dtype);
  return shape.length === 0 ? number : g.op('Expand', [number, g.dims(shape)], { dtype, shape });
}

/** `reps` copies along each axis; an axis of length one is expanded, which copies less. */
const tile: Lowering = (call, g) => {
  const x = call.input('x');
  const [output] = call.outputs;
  const reps = call.attr<Dim[]>('reps');
  if (reps.every((rep) => rep === 1)) return x;
  const onlyOnes = reps.every((rep, i) => rep === 1 || x.shape[i] === 1);
  if (onlyOnes) return g.op('Expand', [x, g.dims(output!.shape)], output!);
  return g.op('Tile', [x, g.dims(reps)], output!);
};

const slice: Lowering = (call, g) => {
  const x = call.input('x');
  const axes = x.shape.map((_, i) => i);
  return g.slice(x, axes, call.attr<Dim[]>('begin'), call.outputs[0]!.shape);
};

/** ONNX's way to say "to before the first element" when stepping backwards. */
const beforeFirst = -(2 ** 31);

/** `begin`, `end`, `strides` are resolved when recorded; axes may be added or dropped by the output's shape. */
const stridedSlice: Lowering = (call, g) => {
  const x = call.input('x');
  const [begin, end] = [call.attr<Dim[]>('begin'), call.attr<Dim[]>('end')];
  const strides = call.attr<number[]>('strides');
  const shape = x.shape.map((dim, i): Dim => {
    if (strides[i] === 1 && begin[i] === 0 && sameDim(end[i]!, dim)) return dim;
    const [from, to] = [call.fixed(begin[i]!), call.fixed(end[i]!)];
    return Math.max(0, Math.ceil((to - from) / strides[i]!));
  });
  const ends = end.map((dim, i) => (strides[i]! < 0 && isFixed(dim) && dim < 0 ? beforeFirst : dim));
  const axes = g.ints(x.shape.map((_, i) => i));
  const sliced = g.op('Slice', [x, g.dims(begin), g.dims(ends), axes, g.ints(strides)], {
    dtype: x.dtype,
    shape,
  });
  return g.reshape(sliced, call.outputs[0]!.shape);
};

const reverse: Lowering = (call, g) => {
  const x = call.input('x');
  const axes = [call.attr<number | number[]>('dims')]
    .flat()
    .map((axis) => (axis < 0 ? axis + x.shape.length : axis));
  if (axes.length === 0) return x;
  const each = (value: number) => g.ints(axes.map(() => value));
  return g.op('Slice', [x, each(-1), each(beforeFirst), g.ints(axes), each(-1)], x);
};

/** `reflect` leaves the border value out, `symmetric` repeats it; ONNX has only the first, so the second is gathered. */
const mirrorPad: Lowering = (call, g) => {
  const x = call.input('x');
  const paddings = call.attr<[number, number][]>('paddings');
  if (call.attr<string>('mode') === 'reflect') {
    const widths = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)];
    return g.op('Pad', [x, g.ints(widths)], call.outputs[0]!, { mode: string('reflect') });
  }
  return paddings.reduce((value, [before, after], axis) => {
    if (before === 0 && after === 0) return value;
    const size = call.fixed(value.shape[axis]!);
    const mirrored = (i: number) => (i < 0 ? -1 - i : i >= size ? 2 * size - 1 - i : i);
    const indices = Array.from({ length: before + size + after }, (_, i) => mirrored(i - before));
    const shape = value.shape.map((dim, i) => (i === axis ? indices.length : dim));
    return g.op('Gather', [value, g.ints(indices)], { dtype: x.dtype, shape }, { axis: int(axis) });
  }, x);
};

const pack: Lowering = (call, g) => {
  const [output] = call.outputs;
  const rank = output!.shape.length;
  const axis = (call.attr<number>('axis') + rank) % rank;
  const parts = call.list().map((part) =>
    g.reshape(
      part,
      output!.shape.map((dim, i) => (i === axis ? 1 : dim)),
    ),
  );
  return parts.length === 1 ? parts[0]! : g.op('Concat', parts, output!, { axis: int(axis) });
};

const unpack: Lowering = (call, g) => {
  const x = call.input('value');
  const axis = (call.attr<number>('axis') + x.shape.length) % x.shape.length;
  return call.outputs.map(({ shape }, i) => g.reshape(g.slice(x, [axis], [i], [1]), shape));
};

const split: Lowering = (call, g) => {
  const x = call.input('x');
  const axis = (call.attr<number>('axis') + x.shape.length) % x.shape.length;
  let begin: Dim = 0;
  return call.outputs.map(({ shape }) => {
    const part = g.slice(x, [axis], [begin], [shape[axis]!]);
    begin = addDims(begin, shape[axis]!);
    return part;
  });
};

const range: Lowering = (call, g) => {
  const [output] = call.outputs;
  const [start, step] = [call.attr<number>('start'), call.attr<number>('step')];
  if (isFixedShape(output!.shape)) {
    const values = Array.from({ length: output!.shape[0]! }, (_, i) => start + i * step);
    return g.constant(typedData(values, output!.dtype), output!.dtype, output!.shape);
  }
  const count = g.reshape(g.dims(output!.shape), []);
  const scalars = [g.scalar(0, 'int64'), count, g.scalar(1, 'int64')];
  const steps = g.cast(g.op('Range', scalars, { dtype: 'int64', shape: output!.shape }), output!.dtype);
  const scaled = g.binary('Mul', steps, g.scalar(call.fixed(step), output!.dtype));
  return g.binary('Add', scaled, g.scalar(call.fixed(start), output!.dtype));
};

const linSpace: Lowering = (call, g) => {
  const [start, stop, num] = [
    call.attr<number>('start'),
    call.attr<number>('stop'),
    call.attr<number>('num'),
  ];
  const step = (stop - start) / Math.max(1, num - 1);
  const values = Array.from({ length: num }, (_, i) => start + i * step);
  return g.constant(Float32Array.from(values), 'float32', [num]);
};

export const shaping: Lowerings = {
  Reshape: reshaping('x'),
  ExpandDims: reshaping('input'),
  Transpose: (call, g) => g.transpose(call.input('x'), call.attr<number[]>('perm')),
  Tile: tile,
  Fill: (call, g) => filled(g, call.attr<number>('value'), call.outputs[0]!.dtype, call.outputs[0]!.shape),
  ZerosLike: (call, g) => filled(g, 0, call.outputs[0]!.dtype, call.outputs[0]!.shape),
  OnesLike: (call, g) => filled(g, 1, call.outputs[0]!.dtype, call.outputs[0]!.shape),
  Range: range,
  LinSpace: linSpace,
  Slice: slice,
  StridedSlice: stridedSlice,
  Reverse: reverse,
  PadV2: (call, g) => {
    const x = call.input('x');
    return g.pad(
      x,
      call.attr<[Dim, Dim][]>('paddings'),
      g.scalar(call.attr<number>('constantValue'), x.dtype),
    );
  },
  MirrorPad: mirrorPad,
  Pack: pack,
  Unpack: unpack,
  SplitV: split,
};
