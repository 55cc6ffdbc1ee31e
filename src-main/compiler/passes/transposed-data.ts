/** Permutes the axes of a constant at compile time. */
import { typedData } from '../graph-builder.ts';
import type { Initializer } from '../onnx-graph.ts';

export function transposedData({ dtype, shape, data }: Initializer, perm: number[]): Initializer {
  const target = perm.map((axis) => shape[axis]!);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((size, dim) => size * dim, 1));
  const steps = perm.map((axis) => strides[axis]!);
  const result = typedData(new Float64Array(data.length), dtype);
  const index = new Array<number>(target.length).fill(0);
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    result[to] = data[from]!;
    for (let axis = target.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++index[axis]! < target[axis]!) break;
      from -= steps[axis]! * target[axis]!;
      index[axis] = 0;
    }
  }
  return { dtype, shape: target, data: result };
}
