/** What was read of files by their hashes, kept so that a large dataset is checked quickly the second time. */
import type { MaskFileFacts, PictureFileFacts } from '#compute/decoding/read-file-facts.ts';
import type { Database } from '#storage/workspace.ts';
import { chunks } from './item-row.ts';

export type FileFacts = ({ kind: 'picture' } & PictureFileFacts) | ({ kind: 'mask' } & MaskFileFacts);

/** Raised with every change of how facts are read; those of another reading are read again. */
const reading = 1;

export class FileFactsRepository {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Those that are kept, by hash. */
  async find(hashes: readonly string[], kind: FileFacts['kind']): Promise<Map<string, FileFacts>> {
    const found = new Map<string, FileFacts>();
    for (const some of chunks(hashes)) {
      const rows = await this.#db
        .selectFrom('file_facts')
        .select(['hash', 'facts'])
        .where('hash', 'in', some)
        .where('reading', '=', reading)
        .execute();
      for (const row of rows) {
        const facts = JSON.parse(row.facts) as FileFacts;
        if (facts.kind === kind) found.set(row.hash, facts);
      }
    }
    return found;
  }

  async keep(all: ReadonlyMap<string, FileFacts>): Promise<void> {
    for (const some of chunks([...all]))
      await this.#db
        .replaceInto('file_facts')
        .values(some.map(([hash, facts]) => ({ hash, reading, facts: JSON.stringify(facts) })))
        .execute();
  }
}
