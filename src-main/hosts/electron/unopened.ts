/** What a person sees in place of a window where the workspace cannot be opened: why, and a way to collect diagnostics. */
import type { Dialog } from 'electron';
import type { CollectedDiagnostics } from '#contract/diagnostics.ts';
import { AppError } from '#contract/errors.ts';
import type { FileDialogs } from '#features/system/system.service.ts';

export interface UnopenedParts {
  dialog: Pick<Dialog, 'showMessageBox'>;
  chooseTarget: FileDialogs['chooseTarget'];
  /** Writes diagnostics without a workspace to a new file. */
  collect: (path: string, failure: unknown) => Promise<CollectedDiagnostics>;
}

/** Resolves when the person has read it. What becomes of the diagnostics is told in its place. */
export async function explainUnopened(
  { dialog, chooseTarget, collect }: UnopenedParts,
  failure: unknown,
): Promise<void> {
  const told = (cause: unknown): string => {
    const { message, hint } = AppError.from(cause);
    return `${message}\n\n${hint}`;
  };
  let detail = told(failure);
  for (;;) {
    const { response } = await dialog.showMessageBox({
      ...{ type: 'error', message: 'Pentimento cannot open its workspace.', detail },
      ...{ buttons: ['Quit', 'Collect diagnostics \u2026'], defaultId: 0, cancelId: 0, noLink: true },
    });
    if (response !== 1) return;
    const { path } = await chooseTarget({ what: 'diagnostics', name: 'pentimento-diagnostics.zip' });
    if (path === null) continue;
    const outcome = await collect(path, failure).then(
      (written) =>
        `The diagnostics are in ${written.path}. They hold no picture and no name; look into them before you send them.`,
      (cause: unknown) => `The diagnostics were not written. ${told(cause)}`,
    );
    detail = `${told(failure)}\n\n${outcome}`;
  }
}
