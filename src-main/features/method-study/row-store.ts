/** The file that the measured rows are kept in. Several programs may add rows at the same time; none loses another's. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { AppError } from '#contract/errors.ts';
import { withFileLock } from '#storage/file-lock.ts';
import { sameRow, studyRow, type RowKey, type StudyRow } from './study-row.ts';

const document = z.object({ format: z.literal(1), rows: z.array(studyRow) });

/** JSON over several lines, with intervals on one: differences between versions stay readable. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, null, 2).replaceAll(/\[\s+(-?[\d.]+),\s+(-?[\d.]+)\s+\]/g, '[$1, $2]');

export class RowStore {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * All rows, by name, steps and seed; none where there is no file yet.
   * @throws AppError `file_unreadable` where it is not such a file
   */
  read(): StudyRow[] {
    if (!existsSync(this.#path)) return [];
    try {
      return document.parse(JSON.parse(readFileSync(this.#path, 'utf8'))).rows;
    } catch (cause) {
      const what = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
      throw new AppError('file_unreadable', `${this.#path} holds no measurements of this program: ${what}`, {
        cause,
        hint: 'Restore it from version control, or move it away.',
      });
    }
  }

  find(key: RowKey): StudyRow | undefined {
    return this.read().find((row) => sameRow(row, key));
  }

  /** Adds a row, in place of the same measurement where there is one. The file is whole at every moment. */
  async put(row: StudyRow): Promise<void> {
    mkdirSync(dirname(this.#path), { recursive: true });
    await withFileLock(`${this.#path}.lock`, () => {
      const rows = [...this.read().filter((other) => !sameRow(other, row)), row].sort(
        (a, b) =>
          a.name.localeCompare(b.name, 'en') ||
          a.steps - b.steps ||
          a.seed - b.seed ||
          a.date.localeCompare(b.date),
      );
      const temporary = `${this.#path}.partial`;
      writeFileSync(temporary, `${textOf({ format: 1, rows })}\n`, { flush: true });
      renameSync(temporary, this.#path);
    });
  }
}
