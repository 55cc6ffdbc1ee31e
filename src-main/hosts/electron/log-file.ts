/** The desktop's log: one line an event, kept in a few files of a bounded size, the newest in `pentimento.log`. */
import { appendFileSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';

export class LogFile {
  readonly folder: string;
  readonly #bytes: number;
  readonly #files: number;

  /** @param limits largest size of a file in bytes, and how many are kept */
  constructor(folder: string, limits: { bytes?: number; files?: number } = {}) {
    this.folder = folder;
    this.#bytes = limits.bytes ?? 1_000_000;
    this.#files = limits.files ?? 5;
    mkdirSync(folder, { recursive: true });
  }

  /** The file that is `age` rotations old. */
  path(age = 0): string {
    return join(this.folder, age === 0 ? 'pentimento.log' : `pentimento.${age}.log`);
  }

  /** Never throws: a log that cannot be written must not stop the work. */
  write(level: 'info' | 'error', ...values: unknown[]): void {
    const line = `${new Date().toISOString()} ${level} ${format(...values).replaceAll('\n', '\n  ')}\n`;
    try {
      if ((statSync(this.path(), { throwIfNoEntry: false })?.size ?? 0) + line.length > this.#bytes)
        this.#rotate();
      appendFileSync(this.path(), line);
    } catch {
      // a full disk, or a folder that was taken away
    }
  }

  /** What the program prints also goes here, from now on. */
  capture(target: Pick<Console, 'log' | 'error'> = console): void {
    for (const [name, level] of [
      ['log', 'info'],
      ['error', 'error'],
    ] as const) {
      const print = target[name].bind(target);
      target[name] = (...values: unknown[]) => {
        this.write(level, ...values);
        print(...values);
      };
    }
  }

  #rotate(): void {
    rmSync(this.path(this.#files - 1), { force: true });
    for (let age = this.#files - 2; age >= 0; age--)
      if (statSync(this.path(age), { throwIfNoEntry: false })) renameSync(this.path(age), this.path(age + 1));
  }
}
