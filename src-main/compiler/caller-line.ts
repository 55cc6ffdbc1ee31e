/** Finds the line of the traced program in a call stack: the first frame that is neither a library's nor the compiler's. */

/** The compiler's own folder as it appears in stacks, without the scheme; `null` once bundled with its callers. */
const here = decodeURI(import.meta.url)
  .replace(/^file:\/\//, '')
  .replace(/[^/]*$/, '');
const ownFolder = here.endsWith('/compiler/') ? here : null;

const framesOf = (stack: string | undefined): string[] =>
  (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line) && !line.includes('<anonymous>)'));

const isForeign = (frame: string): boolean =>
  !frame.includes('/node_modules/') &&
  !frame.includes('node:internal') &&
  !(ownFolder !== null && frame.includes(ownFolder));

/** `file:line` of the first foreign frame in a stack, with the function's name where there is one. */
export function callerLine(stack: string | undefined): string {
  return (framesOf(stack).find(isForeign) ?? 'an unknown line').trim().replace(/^at /, '');
}

/** Which of the library's `methods` the first foreign frame called: the outermost one. */
export function calledMethod(stack: string, methods: readonly string[]): string | null {
  const frames = framesOf(stack);
  const border = frames.findIndex(isForeign);
  for (const frame of frames.slice(0, border < 0 ? frames.length : border).reverse()) {
    const method = methods.find((name) => new RegExp(`\\b${name}(_|__op)? \\(`).test(frame));
    if (method) return method;
  }
  return null;
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
