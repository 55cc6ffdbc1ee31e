/**
 * What keeps the memory of a process that judges thousands of pictures where it was after the first ones. Nothing leaks without
 * it, but two allocators keep what they once needed:
 *
 * - glibc's takes every large buffer that is given back as a reason to keep larger ones, in an arena for each thread. With fixed
 *   thresholds a picture's pixels go back to the system. Other systems' allocators do not read these variables.
 * - V8's doubles the space of young objects, now and then, up to some 100 MB, and collects old ones late. Judging makes few
 *   objects that live: what it begins with is enough, and a whole collection takes a few milliseconds.
 */
import v8 from 'node:v8';
import vm from 'node:vm';

/** Pictures from one whole collection to the next. */
const COLLECT_EVERY = 50;

/** For the environment of the process: it is read when it starts. */
export const allocatorEnvironment: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(256 * 1024),
};

/** To be called once, when the process begins. Answers with what is to be called after each picture. */
export function keepHeapFlat(): () => void {
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  // Node gives its own global object this function only where it was started with the flag; new ones have it from here on.
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  let pictures = 0;
  return () => {
    if (++pictures % COLLECT_EVERY === 0) collect();
  };
}
