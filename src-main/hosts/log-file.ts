/**
 * The log of the desktop and of the headless workbench: an event is a line, `time level sentence`, and what is told beside
 * it on indented lines below. The sentence is the program's own and names nothing of a person's, so that collected
 * diagnostics may hold it; the rest may name anything. It is kept in a few files of a bounded size, the newest in
 * `pentimento.log`.
 */
import { appendFileSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { format } from 'node:util';

/** Where the log of a workspace lies: beside its folder, because a workspace may be open for reading only. */
export const logsFolder = (dataDir: string): string => join(dirname(dataDir), `${basename(dataDir)}-logs`);

export class LogFile {
  readonly folder: string;
  readonly #bytes: number;
  readonly #files: number;

  /** @param limits largest size of a file in bytes, and how many are kept */
  constructor(folder: string, limits: { bytes?: number; files?: number } = {}) {
    this.folder = folder;
    this.#bytes = limits.bytes ?? 1_000_000;
    this.#files = limits.files ?? 5;
  }

  /** The file that is `age` rotations old. */
  path(age = 0): string {
    return join(this.folder, age === 0 ? 'pentimento.log' : `pentimento.${age}.log`);
  }

  /** Never throws: a log that cannot be written must not stop the work. */
  write(level: 'info' | 'error', ...values: unknown[]): void {
    const [first, ...rest] = values;
    const [sentence, details] =
      typeof first === 'string' && !first.includes('\n') ? [first, rest] : ['something was told', values];
    const below = details.length > 0 ? `\n${format(...details)}` : '';
    const line = `${new Date().toISOString()} ${level} ${sentence}${below.replaceAll('\n', '\n  ')}\n`;
    try {
      mkdirSync(this.folder, { recursive: true });
      if ((statSync(this.path(), { throwIfNoEntry: false })?.size ?? 0) + line.length > this.#bytes)
        this.#rotate();
      appendFileSync(this.path(), line);
    } catch {
      // a full disk, or a folder that was taken away
    }
  }

  /** What the program prints also goes here, from now on, and faults that nobody catches, whatever they do to it then. */
  capture(target: Pick<Console, 'log' | 'error'> = console, program: NodeJS.EventEmitter = process): void {
    program.on('uncaughtExceptionMonitor', (error) => this.write('error', 'a fault was not caught:', error));
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
