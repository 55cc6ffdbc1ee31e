/** Reads the golden values: reference inputs, outputs and gradients of the method's operations, computed in float64. */
import { readFileSync } from 'node:fs';

export interface GoldenArray {
  shape: number[];
  data: number[];
}
export interface Golden {
  definition: string;
  tolerance: number;
  inputs: Record<string, GoldenArray>;
  params: Record<string, number>;
  outputs: Record<string, GoldenArray>;
  gradients?: { cotangents: Record<string, GoldenArray>; wrt: Record<string, GoldenArray> };
}

export const golden = (name: string): Golden =>
  JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8')) as Golden;

/** The largest absolute difference of two arrays of equal length; infinite where one of them is not finite. */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length)
    throw new Error(`lengths ${actual.length} and ${expected.length} differ`);
  let largest = 0;
  for (let i = 0; i < actual.length; i++) {
    const d = Math.abs(actual[i]! - expected[i]!);
    if (!(d <= largest)) largest = Number.isFinite(d) ? d : Infinity;
  }
  return largest;
}
