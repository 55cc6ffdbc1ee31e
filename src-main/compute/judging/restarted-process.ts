/**
 * A process that decodes pictures, replaced where it is lost. A picture that ends it is told with why, and the others go on in
 * a new one: where several were in it, each is tried once more in a process of its own, one after another, so that only the
 * guilty one fails.
 */
import { AppError } from '#contract/errors.ts';
import { JudgeEnded, type JudgeProcess } from './judge-process.ts';

export class RestartedProcess {
  readonly #start: () => JudgeProcess;
  readonly #apart = new Set<JudgeProcess>();
  #process: JudgeProcess | null;
  /** Until when processes of one picture are at work. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** @param first one that was started already, if any */
  constructor(start: () => JudgeProcess, first: JudgeProcess | null = null) {
    this.#start = start;
    this.#process = first;
  }

  /** @throws AppError of the picture; of the process where the picture ended it, `cancelled` where it was closed meanwhile */
  async perform<T>(act: (process: JudgeProcess) => Promise<T>): Promise<T> {
    if (this.#closed) throw stopped();
    if (this.#process === null || this.#process.ended) this.#process = this.#start();
    try {
      return await act(this.#process);
    } catch (cause) {
      if (!(cause instanceof JudgeEnded)) throw cause;
      if (this.#closed) throw stopped();
      if (cause.certain) throw cause.error;
    }
    const own = this.#turn.then(() => this.#alone(act));
    this.#turn = own.catch(() => undefined);
    return own;
  }

  async #alone<T>(act: (process: JudgeProcess) => Promise<T>): Promise<T> {
    if (this.#closed) throw stopped();
    const own = this.#start();
    this.#apart.add(own);
    try {
      return await act(own);
    } catch (cause) {
      if (this.#closed) throw stopped();
      throw cause instanceof JudgeEnded ? cause.error : cause;
    } finally {
      this.#apart.delete(own);
      await own.close();
    }
  }

  /** Ends the process until it is needed again. */
  async rest(): Promise<void> {
    const process = this.#process;
    this.#process = null;
    await process?.close();
  }

  /** Ends everything; what is decoded just then fails. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.rest(), ...[...this.#apart].map((process) => process.close())]);
  }
}

const stopped = (): AppError => new AppError('cancelled', 'The decoding was stopped.');
