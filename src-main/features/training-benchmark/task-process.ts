/** Runs one task of the benchmark in a process of its own, and tells a crash of it from a failure. */
import type { z } from 'zod';
import { AppError } from '#contract/errors.ts';
import { forkChild, type ChildExit } from '#compute/child-process.ts';
import { benchmarkReply, type BenchmarkReply, type BenchmarkTask } from './benchmark-messages.ts';

/** Characters of what a process printed that are kept. */
const kept = 10_000;

/** The line that says why a process ended, out of all that it printed; not the stack below it. */
function reasonIn(printed: string): string {
  const lines = printed.split('\n').filter((line) => line.trim() !== '');
  const reason = lines.find((line) => /^(\w*Error\b|FATAL|terminate)/.test(line));
  return (reason ?? lines.at(-1) ?? 'it said nothing').trim();
}

/** The system ends a process that takes too much memory by a signal; a fault of the program ends with a status. */
function crashed({ code, signal, spawnError }: ChildExit, printed: string): AppError {
  if (spawnError !== undefined)
    return new AppError('internal', `The measurement could not be started: ${spawnError}.`);
  if (signal === null)
    return new AppError('internal', `The measurement ended with status ${code}: ${reasonIn(printed)}`);
  return new AppError('trainer_crashed', `The measurement was ended by ${signal}: ${reasonIn(printed)}`, {
    hint: 'Most often memory has run out; close other programs, or measure smaller cases.',
  });
}

/**
 * @param entry the script that the process runs (`entry.ts`)
 * @returns what the task answers, checked against `schema`
 * @throws AppError what the task failed with; `trainer_crashed` where the process ended without an answer; the signal's
 *   reason where it was aborted, after the process was ended
 */
export async function runTask<Schema extends z.ZodType>(
  task: BenchmarkTask,
  schema: Schema,
  { entry, signal }: { entry: string; signal: AbortSignal },
): Promise<z.infer<Schema>> {
  signal.throwIfAborted();
  const child = forkChild(entry);
  const end = () => child.kill();
  signal.addEventListener('abort', end);
  let reply: BenchmarkReply | undefined;
  let printed = '';
  child.onMessage((message) => (reply = benchmarkReply.parse(message)));
  child.onOutput((text) => (printed = (printed + text).slice(0, kept)));
  child.send(task);
  const exit = await child.ended;
  signal.removeEventListener('abort', end);
  signal.throwIfAborted();
  if (reply === undefined) throw crashed(exit, printed);
  if (reply.type === 'failed') throw AppError.fromData(reply.error);
  return schema.parse(reply.result);
}
