/** A program that trains until it is killed, and says the number of its trainer's process after the first step. Its argument: the file of its start. */
import { readFileSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { forkChild } from '#compute/child-process.ts';
import { createTrainerHost } from '#compute/trainer-host.ts';
import type { TrainerStart } from '#contract/trainer-messages.ts';

const start = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as TrainerStart;
let pid: number | undefined;
const host = createTrainerHost(fileURLToPath(import.meta.resolve('#compute/trainer/entry.ts')), (entry) => {
  const child = forkChild(entry);
  pid = child.pid;
  return child;
});
for await (const event of host.start(start).events) if (event.type === 'metric') writeSync(1, `${pid}\n`);
