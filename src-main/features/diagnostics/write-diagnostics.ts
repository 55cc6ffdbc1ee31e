/** The file of diagnostics: what goes into it whatever else does, and how it is written. */
import { createWriteStream } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { arch, cpus, release, totalmem, type } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { CollectedDiagnostics } from '#contract/diagnostics.ts';
import { AppError } from '#contract/errors.ts';
import { reduceLog, type Withheld } from './reduce-log.ts';

const logName = /^pentimento(\.\d+)?\.log$/;

/** Writes the parts, by their names, to a new file. Errors: `invalid_input` where there is one of that name, `disk_full`, `file_unreadable`. */
export async function writeDiagnostics(
  target: string,
  parts: Record<string, string>,
): Promise<CollectedDiagnostics> {
  const file = path.resolve(target);
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(parts)) zip.addBuffer(Buffer.from(text), name);
  zip.end();
  try {
    await pipeline(zip.outputStream, createWriteStream(file, { flags: 'wx' }));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')
      throw new AppError('invalid_input', `${file} is there already.`, { hint: 'Name a new file.', cause });
    await rm(file, { force: true });
    throw AppError.from(cause);
  }
  return { path: file, bytes: (await stat(file)).size, files: Object.keys(parts) };
}

/** What of the log may be told, by the names of the files. */
export async function reducedLogs(folder: string, withheld: Withheld): Promise<Record<string, string>> {
  const logs: Record<string, string> = {};
  for (const name of (await readdir(folder).catch(() => [])).filter((one) => logName.test(one)))
    logs[`logs/${name}`] = reduceLog(await readFile(path.join(folder, name), 'utf8'), withheld);
  return logs;
}

export const machine = () => ({
  system: `${type()} ${release()} ${arch()}`,
  processor: cpus()[0]?.model ?? '',
  threads: cpus().length,
  memoryBytes: totalmem(),
});
