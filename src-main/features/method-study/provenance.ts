/** Where a measurement comes from: the commit of the program and the machine. */
import { execFile } from 'node:child_process';
import os from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** What decides the figures; a changed README does not make a program another one. */
const sources = ['src-main', 'package.json', 'package-lock.json'];

/** The checkout's commit, with `-dirty` where its sources differ from it; null where it is no checkout, or without git. */
export async function commitOf(checkout: string): Promise<string | null> {
  try {
    const head = await run('git', ['-C', checkout, 'rev-parse', 'HEAD']);
    const changes = await run('git', ['-C', checkout, 'status', '--porcelain', '--', ...sources]);
    return `${head.stdout.trim()}${changes.stdout.trim() === '' ? '' : '-dirty'}`;
  } catch {
    return null;
  }
}

export const thisMachine = (): { cpu: string; cores: number; platform: string } => ({
  cpu: os.cpus()[0]?.model ?? 'unknown',
  cores: os.availableParallelism(),
  platform: `${process.platform}-${process.arch}`,
});
