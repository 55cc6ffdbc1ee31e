/**
 * A process that decodes pictures, replaced where it is lost. A picture that ends it is told with why, and the others go on in
 * a new one: where several were in it, each is tried once more in a process of its own, one after another, so that only the
 * guilty one fails. It may rest, and then starts again with the next picture.
 */
import { AppError } from '#contract/errors.ts';
import { JudgeEnded, type JudgeProcess } from './judge-process.ts';

export class RestartedProcess {
  readonly #start: () => JudgeProcess;
  readonly #apart = new Set<JudgeProcess>();
  #process: JudgeProcess | null;
  /** Until when processes of one picture are at work. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #restMs: number | null;
  #rest: NodeJS.Timeout | undefined;
  #active = 0;
  #closed = false;

  /**
   * @param options.first one that was started already, if any
   * @param options.restMs after how long without a picture it is ended, until the next one comes; never, where it is not given
   */
  constructor(
    start: () => JudgeProcess,
    { first = null, restMs = null }: { first?: JudgeProcess | null; restMs?: number | null } = {},
  ) {
    this.#start = start;
    this.#process = first;
    this.#restMs = restMs;
  }

  /** Has the process started before it is needed. */
  warm(): void {
    if (this.#closed || this.#active > 0) return;
    this.#running();
    this.#restSoon();
  }

  /** @throws AppError of the picture; of the process where the picture ended it, `cancelled` where it was closed meanwhile */
  async perform<T>(act: (process: JudgeProcess) => Promise<T>): Promise<T> {
    if (this.#closed) throw stopped();
    clearTimeout(this.#rest);
    this.#active++;
    try {
      return await this.#attempt(act);
    } finally {
      this.#active--;
      if (this.#active === 0) this.#restSoon();
    }
  }

  async #attempt<T>(act: (process: JudgeProcess) => Promise<T>): Promise<T> {
    try {
      return await act(this.#running());
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

  #running(): JudgeProcess {
    if (this.#process === null || this.#process.ended) this.#process = this.#start();
    return this.#process;
  }

  #restSoon(): void {
    clearTimeout(this.#rest);
    if (this.#restMs === null || this.#closed) return;
    this.#rest = setTimeout(() => void this.#end(), this.#restMs).unref();
  }

  async #end(): Promise<void> {
    const process = this.#process;
    this.#process = null;
    await process?.close();
  }

  /** Ends everything; what is decoded just then fails. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#rest);
    await Promise.all([this.#end(), ...[...this.#apart].map((process) => process.close())]);
  }
}

const stopped = (): AppError => new AppError('cancelled', 'The decoding was stopped.');
