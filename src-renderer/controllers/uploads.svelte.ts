/** The queues of dropped pictures, one a case; they go on whatever page is open. */
import type { Connection } from '../lib/connection.svelte.ts';
import type { DroppedEntry } from '../lib/dropped-files.ts';
import type { Upload } from '../lib/uploads.ts';
import { UploadQueue } from './upload-queue.svelte.ts';

export class Uploads {
  byCase = $state.raw<Readonly<Record<string, UploadQueue>>>({});
  readonly #upload: Upload;
  readonly #connection: Connection;

  constructor(upload: Upload, connection: Connection) {
    this.#upload = upload;
    this.#connection = connection;
  }

  /** Adds what was dropped on a case. */
  async add(caseId: string, entries: readonly DroppedEntry[]): Promise<void> {
    const known = this.byCase[caseId];
    const queue = known ?? new UploadQueue(caseId, this.#upload, this.#connection);
    if (!known) this.byCase = { ...this.byCase, [caseId]: queue };
    await queue.add(entries);
  }

  putAway(caseId: string): void {
    this.byCase = Object.fromEntries(Object.entries(this.byCase).filter(([id]) => id !== caseId));
  }

  /** Goes on after the connection was lost. */
  proceed(): void {
    for (const queue of Object.values(this.byCase)) queue.proceed();
  }
}
