/** The built command line on a workspace that no other program holds. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const entry = resolve(import.meta.dirname, '../../out/main/cli.js');

/** Runs a verb to its end. @throws Error with what it wrote to stderr where it failed */
export function commandLine(workspace: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, '--data-dir', workspace, ...args], {
    encoding: 'utf8',
    timeout: 250_000,
    killSignal: 'SIGKILL',
  });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with status ${status}:\n${stderr}`);
  return stdout;
}
