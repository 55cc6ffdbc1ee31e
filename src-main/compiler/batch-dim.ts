/**
 * Dimensions that may depend on the batch size. A trace with fixed shapes has plain numbers; two traces at different
 * batch sizes, merged, have a `BatchDim` wherever the two differ.
 */

/** `perItem` times the batch size, plus `fixed`. */
export interface BatchDim {
  perItem: number;
  fixed: number;
}
export type Dim = number | BatchDim;

export const isFixed = (dim: Dim): dim is number => typeof dim === 'number';

const normal = (perItem: number, fixed: number): Dim => (perItem === 0 ? fixed : { perItem, fixed });
const parts = (dim: Dim): BatchDim => (isFixed(dim) ? { perItem: 0, fixed: dim } : dim);

export function addDims(a: Dim, b: Dim): Dim {
  const [p, q] = [parts(a), parts(b)];
  return normal(p.perItem + q.perItem, p.fixed + q.fixed);
}

export const sameDim = (a: Dim, b: Dim): boolean => {
  const [p, q] = [parts(a), parts(b)];
  return p.perItem === q.perItem && p.fixed === q.fixed;
};

export const sameShape = (a: readonly Dim[], b: readonly Dim[]): boolean =>
  a.length === b.length && a.every((dim, i) => sameDim(dim, b[i]!));

export const isFixedShape = (shape: readonly Dim[]): shape is number[] => shape.every(isFixed);

/** The product of dimensions of which at most one depends on the batch; `null` where more do. */
export function productOfDims(shape: readonly Dim[]): Dim | null {
  let product: Dim = 1;
  for (const dim of shape) {
    if (isFixed(dim)) {
      const { perItem, fixed }: BatchDim = parts(product);
      product = normal(perItem * dim, fixed * dim);
    } else {
      if (!isFixed(product)) return null;
      product = normal(product * dim.perItem, product * dim.fixed);
    }
  }
  return product;
}

/** For messages: `[2N, 16, 16]`. */
export function describeShape(shape: readonly Dim[]): string {
  const one = (dim: Dim) => {
    if (isFixed(dim)) return String(dim);
    const batch = dim.perItem === 1 ? 'N' : `${dim.perItem}N`;
    return dim.fixed === 0 ? batch : `${batch}+${dim.fixed}`;
  };
  return `[${shape.map(one).join(', ')}]`;
}

/** The shape that two shapes broadcast to. */
export function broadcastShapes(a: readonly Dim[], b: readonly Dim[]): Dim[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[a.length - rank + i] ?? 1;
    const right = b[b.length - rank + i] ?? 1;
    return left === 1 ? right : left;
  });
}
