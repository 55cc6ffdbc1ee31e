/**
 * Pictures that were dropped on the window, on their way into a case, a few at a time. Where the connection is lost they
 * wait and are sent again; the host knows a picture by its hash, so none is taken in twice.
 */
import type { Refusal } from '#contract/common.ts';
import { AppError } from '#contract/errors.ts';
import type { Connection } from '../lib/connection.svelte.ts';
import { walkDropped, type DroppedEntry, type DroppedFile } from '../lib/dropped-files.ts';
import type { Upload } from '../lib/uploads.ts';
import { intakeText } from '../lib/text/cases.ts';

const AT_ONCE = 3;

export class UploadQueue {
  readonly caseId: string;
  waiting = $state(0);
  sent = $state(0);
  added = $state(0);
  refused = $state.raw<readonly Refusal[]>([]);
  duplicates = $state.raw<readonly { path: string; sameAs: string }[]>([]);
  paused = $state(false);
  /** True while folders are walked. */
  walking = $state(false);
  /** The picture that was sent last. */
  label = $state('');
  readonly #queue: { dropped: DroppedFile; tries: number }[] = [];
  readonly #upload: Upload;
  readonly #connection: Connection;
  readonly #begun = Date.now();
  #abort = new AbortController();
  #running = $state(0);

  constructor(caseId: string, upload: Upload, connection: Connection) {
    this.caseId = caseId;
    this.#upload = upload;
    this.#connection = connection;
  }

  get total(): number {
    return this.sent + this.waiting + this.#running;
  }

  get active(): boolean {
    return this.walking || this.waiting > 0 || this.#running > 0;
  }

  /** Adds what was dropped, and everything below it. */
  async add(entries: readonly DroppedEntry[]): Promise<void> {
    this.walking = true;
    const { signal } = this.#abort;
    const fault = (path: string, cause: unknown) =>
      this.#refuse(path, new AppError('file_unreadable', intakeText.unreadableFolder, { cause }));
    for await (const dropped of walkDropped(entries, fault)) {
      if (signal.aborted) return;
      this.#queue.push({ dropped, tries: 0 });
      this.waiting = this.#queue.length;
      this.proceed();
    }
    this.walking = false;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.proceed();
  }

  /** Forgets what waits; what is on its way is broken off. What was taken in stays. */
  stop(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#queue.length = 0;
    this.waiting = 0;
    this.walking = false;
    this.paused = false;
  }

  /** Starts as many uploads as may run. To be called again when the connection is back. */
  proceed(): void {
    while (this.#running < AT_ONCE && !this.paused && this.#connection.state === 'connected') {
      const next = this.#queue.shift();
      if (!next) break;
      this.waiting = this.#queue.length;
      this.#running += 1;
      void this.#send(next.dropped, next.tries).finally(() => {
        this.#running -= 1;
        this.proceed();
      });
    }
  }

  async #send(dropped: DroppedFile, tries: number): Promise<void> {
    const { signal } = this.#abort;
    this.label = dropped.path;
    try {
      const { item, duplicate } = await this.#upload(this.caseId, dropped.path, dropped.file, signal);
      // The answer of an earlier try may have been lost after the host had taken the picture in.
      if (!duplicate || (tries > 0 && item.takenAt >= this.#begun)) this.added += 1;
      else this.duplicates = [...this.duplicates, { path: dropped.path, sameAs: item.sourcePath }];
      this.sent += 1;
    } catch (cause) {
      const error = AppError.from(cause);
      if (error.code === 'cancelled') return;
      if (error.code === 'connection_lost' && tries < 10) {
        this.#queue.unshift({ dropped, tries: tries + 1 });
        this.waiting = this.#queue.length;
        // While the host cannot be reached `proceed` starts nothing; the pause keeps a race with that short.
        await new Promise((resolve) => setTimeout(resolve, 500));
        return;
      }
      this.#refuse(dropped.path, error);
      this.sent += 1;
    }
  }

  #refuse(path: string, error: AppError): void {
    this.refused = [...this.refused, { path, error: error.toData() }];
  }
}
