/** Has a thread of its own watch the memory of this process, so that it sees what is taken even during a computation. */
import { Worker } from 'node:worker_threads';
import { memoryWatchEntry } from './entry-scripts.ts';

/** From when this settles on, the process is ended when it holds more than `bytes`. */
export const watchMemory = (bytes: number): Promise<void> =>
  new Promise((resolve) => {
    new Worker(memoryWatchEntry, { workerData: bytes }).once('message', () => resolve());
  });
