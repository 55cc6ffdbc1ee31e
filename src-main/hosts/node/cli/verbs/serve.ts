/** `serve [--port P] [--open]`: the headless workbench on 127.0.0.1. */
import { hasDisplay, openBrowser } from '../../open-browser.ts';
import { serveWorkbench } from '../../serve-workbench.ts';
import type { Context } from '../context.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

export async function serveVerb(
  { out, dataDir, signal }: Context,
  { port, open = false }: { port: number; open?: boolean },
): Promise<ExitStatus> {
  const workbench = await serveWorkbench({ dataDir, port });
  try {
    out.emit({ url: workbench.url, port: workbench.port, workspace: dataDir });
    out.print(workbench.url);
    out.note(`The workbench of ${dataDir} listens there, for this machine only; Ctrl-C ends it.`);
    if (open && hasDisplay()) openBrowser(workbench.url);
    else if (open) out.note('There is no display to open a browser on.');
    if (!signal.aborted)
      await new Promise((ended) => signal.addEventListener('abort', ended, { once: true }));
  } finally {
    await workbench.close();
  }
  return exitStatus.done;
}
