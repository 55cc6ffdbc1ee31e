/**
 * Two traces of one function, at two batch sizes, become one trace in which whatever differs is a function of the batch
 * size: a dimension d is a * N + b. The function must make the same calls in the same order at both sizes.
 */
import { AppError } from '#contract/errors.ts';
import { type Dim, isFixedShape } from './batch-dim.ts';
import type { Trace, TraceCall, TraceConstant, TraceValue } from './trace.ts';

export interface SizedTrace {
  trace: Trace;
  batch: number;
}

/** @throws AppError naming the kernel and line where the two disagree in a way that no batch size explains. */
export function mergeTraces(first: SizedTrace, second: SizedTrace): Trace {
  const dim = (a: number, b: number, place: string): Dim => {
    if (a === b) return a;
    const perItem = (b - a) / (second.batch - first.batch);
    const fixed = a - perItem * first.batch;
    if (Number.isInteger(perItem) && Number.isInteger(fixed)) return { perItem, fixed };
    throw differs(place, `${a} at ${first.batch} items, ${b} at ${second.batch}`);
  };
  const value = (a: TraceValue, b: TraceValue, place: string): TraceValue => {
    if (a.id !== b.id || a.dtype !== b.dtype || a.shape.length !== b.shape.length)
      throw differs(place, 'other tensors are used');
    return { ...a, shape: a.shape.map((size, i) => dim(size as number, b.shape[i] as number, place)) };
  };
  const values = (a: TraceValue | TraceValue[], b: TraceValue | TraceValue[], place: string) =>
    Array.isArray(a)
      ? a.map((one, i) => value(one, (b as TraceValue[])[i]!, place))
      : value(a, b as TraceValue, place);
  const attr = (a: unknown, b: unknown, place: string): unknown => {
    if (typeof a === 'number' && typeof b === 'number') return Object.is(a, b) ? a : dim(a, b, place);
    if (Array.isArray(a) && Array.isArray(b) && a.length === b.length)
      return a.map((one, i) => attr(one, b[i], place));
    if (a === b || (a == null && b == null)) return a;
    throw differs(place, 'an attribute is of another kind');
  };
  const named = <T, R>(
    a: Record<string, T>,
    b: Record<string, T>,
    one: (x: T, y: T) => R,
  ): Record<string, R> =>
    Object.fromEntries(Object.entries(a).map(([name, x]) => [name, one(x, b[name] as T)]));

  const call = (a: TraceCall, index: number): TraceCall => {
    const b = second.trace.calls[index];
    const place = `${a.kernel}, called at ${a.caller}`;
    if (b?.kernel !== a.kernel || a.outputs.length !== b.outputs.length)
      throw differs(place, `it is ${b?.kernel ?? 'absent'} at ${second.batch} items`);
    return {
      ...a,
      inputs: named(a.inputs, b.inputs, (x, y) => values(x, y, place)),
      attrs: named(a.attrs, b.attrs, (x, y) => attr(x, y, place)),
      outputs: a.outputs.map((one, i) => value(one, b.outputs[i]!, place)),
    };
  };
  const constant = (a: TraceConstant, index: number): TraceConstant => {
    const b = second.trace.constants[index];
    if (!b) throw differs(a.firstUse, 'other constants are used');
    const merged = value(a.value, b.value, a.firstUse);
    if (isFixedShape(merged.shape)) {
      if (!a.data.every((x, i) => Object.is(x, b.data[i])))
        throw differs(a.firstUse, 'a constant has other values');
    } else if (![...a.data, ...b.data].every((x) => Object.is(x, a.data[0]))) {
      throw differs(a.firstUse, 'a constant grows with the batch');
    }
    return { ...a, value: merged };
  };
  if (first.trace.calls.length !== second.trace.calls.length)
    throw differs('the traced function', 'it makes more calls for a larger batch');
  return {
    calls: first.trace.calls.map(call),
    constants: first.trace.constants.map(constant),
    inputs: named(first.trace.inputs, second.trace.inputs, (a, b) => value(a, b, 'an input')),
    outputs: named(first.trace.outputs, second.trace.outputs, (a, b) => value(a, b, 'an output')),
  };
}

function differs(place: string, what: string): AppError {
  return new AppError('internal', `With another batch size, ${place}, differs: ${what}.`, {
    hint: 'Write the function so that only dimensions depend on the batch size.',
  });
}
