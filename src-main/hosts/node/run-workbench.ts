/** Runs the headless workbench in the foreground: prints its address, and ends it on Ctrl-C or SIGTERM. */
import { LogFile, logsFolder } from '../log-file.ts';
import { hasDisplay, openBrowser } from './open-browser.ts';
import { serveWorkbench } from './serve-workbench.ts';

export interface RunOptions {
  dataDir: string;
  port: number;
  /** Opens a browser where there is a display. */
  open: boolean;
}

/**
 * Resolves when the workbench has ended. The address is the only line on stdout; the rest goes to stderr. A second
 * Ctrl-C ends at once, which loses nothing that was written.
 */
export async function runWorkbench(options: RunOptions): Promise<void> {
  const ended = Promise.withResolvers<void>();
  let interrupts = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    // SIGTERM may arrive twice, from a group's leader and from the group; a person presses Ctrl-C twice on purpose.
    if (signal === 'SIGINT') interrupts += 1;
    if (interrupts > 1) process.exit(130);
    ended.resolve();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  new LogFile(logsFolder(options.dataDir)).capture();
  try {
    const workbench = await serveWorkbench(options);
    process.stdout.write(`${workbench.url}\n`);
    process.stderr.write(`The workbench of ${options.dataDir} listens there, for this machine only.\n`);
    if (options.open && hasDisplay()) openBrowser(workbench.url);
    await ended.promise;
    process.stderr.write('Ending; a run in progress writes a checkpoint first.\n');
    await workbench.close();
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
