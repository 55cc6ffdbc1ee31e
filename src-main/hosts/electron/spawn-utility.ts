/**
 * A child process as Electron's utility process, since the sealed program cannot run its own executable as Node. What runs
 * in it is `utility-entry.ts`, which hands over to the script.
 */
import type { utilityProcess } from 'electron';
import type { ChildExit, SpawnChild } from '#compute/child-process.ts';

/** The channel's own frame: every message has a number, whose receipt is told, so that last words are not lost. */
type FromChild = { id: number; message: unknown };

/** Starts scripts in utility processes. @param entry the built `utility-entry.ts` */
export const spawnUtility =
  (utility: Pick<typeof utilityProcess, 'fork'>, entry: string): SpawnChild =>
  (script) => {
    const child = utility.fork(entry, [script], { stdio: 'pipe', serviceName: 'Pentimento worker' });
    const ended = Promise.withResolvers<ChildExit>();
    let gone = false;
    child.once('exit', (code) => {
      gone = true;
      ended.resolve({ code, signal: null });
    });
    const post = (message: object) => {
      if (!gone) child.postMessage(message);
    };
    return {
      get pid() {
        return child.pid;
      },
      ended: ended.promise,
      send: (message) => post({ message }),
      kill: () => void child.kill(),
      onMessage: (listener) =>
        void child.on('message', ({ id, message }: FromChild) => {
          listener(message);
          post({ received: id });
        }),
      onOutput: (listener) => {
        for (const stream of [child.stdout, child.stderr])
          stream?.on('data', (text: Buffer) => listener(String(text)));
      },
    };
  };
