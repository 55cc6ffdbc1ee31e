/** What may not stand in diagnostics: names that people gave, and places on the disk. */
import { homedir, hostname, userInfo } from 'node:os';
import type { Sqlite } from '#storage/better-sqlite.ts';

/** Shorter names are part of many a word; the sentences of the program name nobody, so that none is there to be found. */
const shortest = 3;

/** Where names stand that people gave, or that their files have. */
const named = [
  'SELECT name FROM cases',
  'SELECT number FROM cases',
  'SELECT examiner FROM cases',
  'SELECT value FROM cases, json_each(cases.tags)',
  'SELECT name FROM evidence_items',
  'SELECT value FROM evidence_items, json_each(evidence_items.tags)',
  'SELECT name FROM datasets',
  'SELECT name FROM models',
  "SELECT json_extract(value, '$') FROM settings WHERE key = 'examiner'",
];

export class WithheldWords {
  readonly #words: readonly string[];

  constructor(words: Iterable<string>) {
    this.#words = [...new Set(words)]
      .filter((word) => word.length >= shortest)
      .map((word) => word.toLowerCase());
  }

  /**
   * Of a workspace, and of who and where one is; of the latter alone where there is no database.
   * @throws SqliteError where the database has other tables than this version knows
   */
  static of({ sqlite, folder }: { sqlite: Sqlite | null; folder: string }): WithheldWords {
    const words = sqlite
      ? named.flatMap((query) => sqlite.prepare<[], string>(query).pluck().all() as string[])
      : [];
    return new WithheldWords([...words, folder, homedir(), userInfo().username, hostname()].filter(Boolean));
  }

  /** Whether a text names something of them, or a place. */
  stand(text: string): boolean {
    if (/[\\/]/.test(text)) return true;
    const lower = text.toLowerCase();
    return this.#words.some((word) => lower.includes(word));
  }

  /** The value without the texts that name something of them, whatever it is nested in. */
  without(value: unknown): unknown {
    if (typeof value === 'string') return this.stand(value) ? '(left out)' : value;
    if (Array.isArray(value)) return value.map((one) => this.without(one));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => !this.stand(key))
        .map(([key, one]) => [key, this.without(one)]),
    );
  }
}
