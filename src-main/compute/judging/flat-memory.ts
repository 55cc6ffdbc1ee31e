/**
 * What keeps the memory of a process that judges thousands of pictures where it was after the first ones. Nothing leaks without
 * it, but two allocators keep what they once needed:
 *
 * - glibc's takes every large buffer that is given back as a reason to keep larger ones, in an arena for each thread. With fixed
 *   thresholds a picture's pixels go back to the system. Other systems' allocators do not read these variables.
 * - V8's doubles the space of young objects, now and then, up to some 100 MB. Judging makes few objects that live: what it
 *   begins with is enough.
 */
import v8 from 'node:v8';

/** For the environment of the process: it is read when it starts. */
export const allocatorEnvironment: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(256 * 1024),
};

/** To be called first in the process. */
export const keepYoungSpace = (): void => v8.setFlagsFromString('--semi-space-growth-factor=1');
