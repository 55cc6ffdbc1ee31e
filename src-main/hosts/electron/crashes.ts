/** The end of any process of the desktop that was not asked for: logged, shown, and survived. */
import type { App, Dialog, WebContents } from 'electron';

interface Parts {
  app: Pick<App, 'on' | 'quit'>;
  dialog: Pick<Dialog, 'showMessageBox' | 'showErrorBox'>;
}

export function surviveCrashes({ app, dialog }: Parts): void {
  app.on('render-process-gone', (_, contents, { reason, exitCode }) => {
    if (reason === 'clean-exit') return;
    console.error(`the window's process ended: ${reason} (${exitCode})`);
    void offerReload({ app, dialog }, contents, reason);
  });
  app.on('child-process-gone', (_, { type, reason, exitCode, name }) => {
    // Workers are told of by the run or the job that they worked for, and are killed by it.
    const worker = type === 'Utility';
    if (reason === 'clean-exit' || (worker && reason === 'killed')) return;
    console.error(`a process ended: ${type} ${name ?? ''}: ${reason} (${exitCode})`);
    if (worker || reason === 'killed') return;
    dialog.showErrorBox(
      'A process of Pentimento ended',
      `${type}: ${reason} (${exitCode}).\n\nIt is started again by itself. Nothing was lost.`,
    );
  });
}

async function offerReload({ app, dialog }: Parts, contents: WebContents, reason: string): Promise<void> {
  const { response } = await dialog.showMessageBox({
    type: 'error',
    message: "The window's process ended.",
    detail: `${reason}. Runs and jobs go on in processes of their own; what was saved is safe.`,
    buttons: ['Show the window again', 'Quit'],
    defaultId: 0,
    cancelId: 0,
  });
  if (response === 1) app.quit();
  else if (!contents.isDestroyed()) contents.reload();
}
