/**
 * The parent's side of the trainer process: starts it, checks every message in both directions against
 * contract/trainer-messages.ts, hands its messages on in order, stops it, and says in plain language how it ended.
 */
import { AppError, type ErrorData } from '#contract/errors.ts';
import {
  fromTrainer,
  toTrainer,
  trainerStart,
  type FromTrainer,
  type TrainerStart,
} from '#contract/trainer-messages.ts';
import { AsyncQueue } from './async-queue.ts';
import { causeOfEnd, tailOf } from './child-end.ts';
import { forkChild, type ChildExit, type ChildProcess, type SpawnChild } from './child-process.ts';

/** How a training process ended. */
export type TrainerOutcome =
  | { kind: 'done'; message: Extract<FromTrainer, { type: 'done' }> }
  /** It was asked to stop, and did, after a checkpoint. */
  | { kind: 'stopped'; step: number }
  /** It said itself why it cannot go on. */
  | { kind: 'failed'; error: ErrorData }
  /** It ended without a last word, or had to be killed. */
  | { kind: 'crashed'; error: ErrorData };

/** What a run's owner is told while it trains; the last words are told by `outcome` instead. */
export type TrainerEvent = Exclude<FromTrainer, { type: 'done' | 'stopped' | 'failed' }>;

export interface TrainerSession {
  /** In the order in which they were sent; ends when the process has ended. For one reader. */
  readonly events: AsyncIterable<TrainerEvent>;
  /** Never rejects. Settles after the last event has been queued. */
  readonly outcome: Promise<TrainerOutcome>;
  /** Asks for a checkpoint and the end; kills it when it has not ended after `timeoutMs`. */
  stop(timeoutMs?: number): Promise<TrainerOutcome>;
  /** Ends it at once. */
  kill(): Promise<TrainerOutcome>;
}

export interface TrainerHost {
  /** @throws AppError `internal` where `start` does not fit the contract */
  start(start: TrainerStart): TrainerSession;
}

/** Messages outside the contract that are logged one by one. */
const LOGGED_INVALID_MESSAGES = 5;
const STOP_TIMEOUT_MS = 60_000;

/** @param entry path of the trainer's entry script */
export function createTrainerHost(entry: string, spawn: SpawnChild = forkChild): TrainerHost {
  return {
    start(start) {
      const parsed = trainerStart.safeParse(start);
      if (!parsed.success)
        throw new AppError(
          'internal',
          `The start message does not fit the contract: ${parsed.error.message}`,
        );
      return new ProcessSession(spawn(entry), parsed.data);
    },
  };
}

type KillReason = 'on request' | 'after its time to stop was over';

class ProcessSession implements TrainerSession {
  readonly outcome: Promise<TrainerOutcome>;
  readonly #process: ChildProcess;
  readonly #events = new AsyncQueue<TrainerEvent>();
  #lastWord: TrainerOutcome | null = null;
  #invalid = 0;
  readonly #output: () => string;
  #killed: KillReason | null = null;

  constructor(process: ChildProcess, start: TrainerStart) {
    this.#process = process;
    process.onMessage((message) => this.#receive(message));
    this.#output = tailOf(process);
    this.outcome = process.ended.then((exit) => {
      this.#events.end();
      return this.#lastWord ?? { kind: 'crashed', error: this.#explain(exit) };
    });
    process.send(start);
  }

  get events(): AsyncIterable<TrainerEvent> {
    return this.#events;
  }

  async stop(timeoutMs = STOP_TIMEOUT_MS): Promise<TrainerOutcome> {
    this.#process.send(toTrainer.parse({ type: 'stop' }));
    const timer = setTimeout(() => this.#end('after its time to stop was over'), timeoutMs);
    const outcome = await this.outcome;
    clearTimeout(timer);
    return outcome;
  }

  kill(): Promise<TrainerOutcome> {
    this.#end('on request');
    return this.outcome;
  }

  #end(why: KillReason): void {
    this.#killed ??= why;
    this.#process.kill();
  }

  #receive(message: unknown): void {
    const parsed = fromTrainer.safeParse(message);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      this.#invalid++;
      if (this.#invalid <= LOGGED_INVALID_MESSAGES)
        this.#warn(
          `The trainer sent a message that does not fit the contract (${issue?.path.join('.') || 'type'}: ` +
            `${issue?.message}); it was left out.`,
        );
      return;
    }
    if (this.#lastWord) return;
    const data = parsed.data;
    if (data.type === 'done') this.#lastWord = { kind: 'done', message: data };
    else if (data.type === 'stopped') this.#lastWord = { kind: 'stopped', step: data.step };
    else if (data.type === 'failed') this.#lastWord = { kind: 'failed', error: data.error };
    else this.#events.push(data);
  }

  #warn(message: string): void {
    const entry = { at: Date.now(), level: 'warning' as const, code: 'trainer_message_invalid', message };
    this.#events.push({ type: 'log', entry });
  }

  #explain(exit: ChildExit): ErrorData {
    return explainCrash(exit, { output: this.#output(), killed: this.#killed, invalid: this.#invalid });
  }
}

/** The line of an uncaught error where there is one, else the last lines. */
function essence(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  return (
    lines.findLast((line) => /^(\w*Error|Error \[\w+\]|FATAL ERROR): /.test(line)) ??
    lines.slice(-3).join(' | ')
  );
}

/** The plain-language explanation of an end without a last word; `output` is the tail of what the process printed. */
export function explainCrash(
  exit: ChildExit,
  context: { output: string; killed: string | null; invalid: number },
): ErrorData {
  const tail = context.output.trim();
  const spawned = exit.spawnError === undefined;
  const cause = spawned && context.killed !== null ? `was ended ${context.killed}` : causeOfEnd(exit, tail);
  const parts = [
    `The trainer process ${cause}.`,
    ...(context.invalid > 0 ? [`${context.invalid} of its messages could not be understood.`] : []),
    ...(tail === '' ? [] : [`It printed: ${essence(tail)}`]),
  ];
  return new AppError('trainer_crashed', parts.join(' '), {
    details: { exitCode: exit.code, signal: exit.signal, output: tail },
  }).toData();
}
