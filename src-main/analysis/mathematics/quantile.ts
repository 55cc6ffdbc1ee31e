/** Order statistics. */

/** The `k`-th smallest (from 0) of the first `length` values, which are put out of order (Hoare's selection). */
export function select(values: Float32Array | Float64Array, k: number, length = values.length): number {
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const swapped = values[i]!;
      values[i++] = values[j]!;
      values[j--] = swapped;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return values[k]!;
}

/** The quantile `q` in [0, 1] (nearest rank), of a copy; NaN of no values. */
export function quantile(values: ArrayLike<number>, q: number): number {
  if (values.length === 0) return NaN;
  return select(Float64Array.from(values), Math.round(q * (values.length - 1)));
}

export const median = (values: ArrayLike<number>): number => quantile(values, 0.5);
