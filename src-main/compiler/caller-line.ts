/** Finds the line of the traced program in a call stack: the first frame that is neither a library's nor the compiler's. */

const here = import.meta.url.replace(/[^/]*$/, '');
const ownFolder = here.endsWith('/compiler/') ? here : null;

/** `file:line` of the first foreign frame in a stack, with the function's name where there is one. */
export function callerLine(stack: string | undefined): string {
  const frames = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const foreign = frames.find(
    (frame) =>
      !frame.includes('/node_modules/') &&
      !frame.includes('node:internal') &&
      !(ownFolder !== null && frame.includes(ownFolder)),
  );
  return (foreign ?? 'an unknown line').trim().replace(/^at /, '');
}

/** The stack of this very call, long enough to leave the tensor library. */
export function captureStack(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 60;
  try {
    return new Error('stack').stack ?? '';
  } finally {
    Error.stackTraceLimit = limit;
  }
}
