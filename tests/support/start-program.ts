/** Programs that tests start as processes of their own: none outlives the file of tests that started it, however that ends. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { afterAll } from 'vitest';

export type StartedProgram = ChildProcessByStdio<null, Readable, Readable>;

const started = new Set<StartedProgram>();
afterAll(() => {
  for (const program of started) program.kill('SIGKILL');
});

/** One of the programs of this folder. @param name without its extension */
export const supportProgram = (name: string): string => path.resolve(import.meta.dirname, `${name}.ts`);

/** Starts a script with the Node.js of the tests, or another program. */
export function startProgram(args: string[], program = process.execPath): StartedProgram {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stderr.resume(); // It is not to wait for whoever does not read it.
  started.add(child);
  child.once('exit', () => started.delete(child));
  return child;
}

/**
 * Runs a script until it has said so many lines and a moment more, then kills it (SIGKILL); answers with all that it said.
 * @param lines Infinity for one that is to end by itself, with status 0
 * @param moment in ms
 * @throws Error with what it printed on stderr where it ends another way
 */
export async function runAndKill(
  args: string[],
  { lines, moment = 0 }: { lines: number; moment?: number },
): Promise<string[]> {
  const child = startProgram(args);
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (said.length === lines) void setTimeout(moment).then(() => child.kill('SIGKILL'));
  }
  const [status, signal] = await ended;
  if (lines === Infinity ? status !== 0 : signal !== 'SIGKILL')
    throw new Error(`it ended with ${signal ?? `status ${status}`}:\n${errors}`);
  return said;
}
