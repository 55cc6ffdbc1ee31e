/** How a child process ended, in words, and what it printed before. */
import type { ChildExit, ChildProcess } from './child-process.ts';

/** Characters of what a process printed that are kept for the explanation of its end. */
const TAIL_LENGTH = 4000;

/** Listens to what the process prints from now on, and gives the end of it. */
export function tailOf(child: ChildProcess): () => string {
  let output = '';
  child.onOutput((text) => (output = (output + text).slice(-TAIL_LENGTH)));
  return () => output;
}

const signalSentences: Record<string, string> = {
  SIGKILL: 'was killed from outside (SIGKILL); Linux does this to a program when the memory runs out',
  SIGTERM: 'was ended from outside (SIGTERM)',
  SIGINT: 'was interrupted from outside (SIGINT)',
  SIGABRT: 'gave up (SIGABRT)',
  SIGSEGV: 'was ended by a fault in native code (SIGSEGV)',
  SIGBUS: 'was ended by a fault in native code, or because a file it read was cut short (SIGBUS)',
  SIGILL: 'used an instruction that this processor does not have (SIGILL)',
  SIGFPE: 'was ended by a fault in native code (SIGFPE)',
};

/** The predicate of a sentence on a process: how it ended without a last word. `tail` is the end of what it printed. */
export function causeOfEnd(exit: ChildExit, tail: string): string {
  if (exit.spawnError !== undefined) return `could not be started: ${exit.spawnError}`;
  if (/heap out of memory|bad_alloc|Array buffer allocation failed|Cannot enlarge memory/i.test(tail))
    return 'ran out of memory';
  if (exit.signal !== null) return signalSentences[exit.signal] ?? `was ended by the signal ${exit.signal}`;
  return `ended with exit code ${exit.code} before it had finished`;
}
