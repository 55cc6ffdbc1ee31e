/**
 * A process of the benchmark: hears one task, answers once, and ends. It ends with its parent, never outlives it, and leaves
 * interrupts from the terminal to it.
 */
import { AppError } from '#contract/errors.ts';
import { benchmarkTask, type BenchmarkReply, type BenchmarkTask } from './benchmark-messages.ts';
import { performTask } from './perform-task.ts';

async function perform(task: BenchmarkTask): Promise<void> {
  let reply: BenchmarkReply;
  try {
    reply = { type: 'done', result: await performTask(task) };
  } catch (error) {
    reply = { type: 'failed', error: AppError.from(error).toData() };
  }
  process.send!(reply, undefined, undefined, () => process.exit(0));
}

process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
process.once('message', (message) => void perform(benchmarkTask.parse(message)));
