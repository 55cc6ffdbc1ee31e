/** Whether all values are finite numbers. A plain loop: it looks at every weight of every step and every value of every tile. */
export function allFinite(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}
