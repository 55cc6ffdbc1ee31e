/**
 * What the command line prints. Results go to stdout; progress and remarks go to stderr. In JSON mode stdout carries one
 * document, or one line an item, and nothing else.
 */
import { AppError } from '#contract/errors.ts';

/** Statuses of the program: all done, the job failed, wrong arguments, some items failed and the rest are done. */
export const exitStatus = { done: 0, failed: 1, usage: 2, partly: 3 } as const;
export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

export interface Streams {
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
}

export class Output {
  readonly json: boolean;
  readonly #streams: Streams;
  #lineShown = false;

  constructor(json: boolean, streams: Streams = process) {
    this.json = json;
    this.#streams = streams;
  }

  /** A result for a person; silent in JSON mode. */
  print(text: string): void {
    if (this.json) return;
    this.#clear();
    this.#streams.stdout.write(`${text}\n`);
  }

  /** A document, or one item of several; silent without JSON mode. */
  emit(value: unknown): void {
    if (!this.json) return;
    this.#clear();
    this.#streams.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** A remark on stderr: what is going on, once. Silent in JSON mode. */
  note(text: string): void {
    if (this.json) return;
    this.#clear();
    this.#streams.stderr.write(`${text}\n`);
  }

  /** The line that shows progress, replaced by the next one; only where stderr is a terminal. */
  status(text: string): void {
    const { stderr } = this.#streams;
    if (!stderr.isTTY) return;
    stderr.write(`\r\x1b[2K${text.slice(0, (stderr.columns ?? 80) - 1)}`);
    this.#lineShown = true;
  }

  /** A failure with its remedy. */
  fail(cause: unknown): void {
    const { code, message, hint } = AppError.from(cause);
    if (this.json) this.emit({ error: { code, message, hint } });
    else {
      this.#clear();
      this.#streams.stderr.write(`${code}: ${message}\n${hint}\n`);
    }
  }

  /** Takes the progress line away. */
  end(): void {
    this.#clear();
  }

  #clear(): void {
    if (this.#lineShown) this.#streams.stderr.write('\r\x1b[2K');
    this.#lineShown = false;
  }
}
