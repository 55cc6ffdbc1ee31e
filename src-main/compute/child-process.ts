/**
 * A child process as its parent sees it, behind an interface that both Node's `fork` and Electron's `utilityProcess`
 * can fill. This file holds Node's.
 */
import { fork } from 'node:child_process';

export interface ChildProcess {
  readonly pid: number | undefined;
  send(message: unknown): void;
  /** Ends it at once, without asking. */
  kill(): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Text that it printed, on stdout or stderr. */
  onOutput(listener: (text: string) => void): void;
  /** Settles when it has ended and every message and line it sent has been delivered; never rejects. */
  readonly ended: Promise<ChildExit>;
}

export interface ChildExit {
  code: number | null;
  /** The signal that ended it, e.g. `SIGKILL`. */
  signal: string | null;
  /** Why it could not be started, where it could not. */
  spawnError?: string;
}

/** @param environment beside this process's own; hosts whose processes have an allocator of their own may leave it out */
export type SpawnChild = (entry: string, environment?: Readonly<Record<string, string>>) => ChildProcess;

/** Ends are final this long after the process itself has gone, even if a grandchild keeps its pipes open. */
const DRAIN_MS = 2000;

/** Starts the entry under the Node that runs this program; nothing that it prints reaches our own output. */
export const forkChild: SpawnChild = (entry, environment = {}) => {
  const child = fork(entry, [], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
    execArgv: [],
    env: { ...process.env, ...environment },
  });
  const ended = new Promise<ChildExit>((resolve) => {
    let exit: ChildExit | null = null;
    let closed = false;
    const settle = (): void => {
      if (exit && closed && !child.connected) resolve(exit);
    };
    child.on('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, spawnError: error.message });
    });
    child.once('disconnect', settle);
    child.once('close', () => {
      closed = true;
      settle();
    });
    child.once('exit', (code, signal) => {
      exit = { code, signal };
      const final: ChildExit = exit;
      setTimeout(() => resolve(final), DRAIN_MS).unref();
      settle();
    });
  });
  return {
    pid: child.pid,
    ended,
    // A process that has just ended can take no message; its end is told by `ended`.
    send: (message) => void (child.connected && child.send(message as object, () => undefined)),
    kill: () => void child.kill('SIGKILL'),
    onMessage: (listener) => void child.on('message', listener),
    onOutput: (listener) => {
      child.stdout?.setEncoding('utf8').on('data', listener);
      child.stderr?.setEncoding('utf8').on('data', listener);
    },
  };
};
