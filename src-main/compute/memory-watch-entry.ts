/**
 * The thread that ends a process of analyses or judgements when it takes more memory than it may, or when the program that asked has gone.
 * It says so on stderr, from where the asking process takes its explanation.
 */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { memoryMark } from './memory-mark.ts';

const limit = workerData as number;
const parent = process.ppid;

function look(): void {
  const taken = process.memoryUsage.rss();
  if (taken > limit) writeSync(2, `${memoryMark}${taken}\n`);
  if (taken > limit || process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}

look();
parentPort!.postMessage('watching');
setInterval(look, 50);
