/** What every verb is given. */
import type { PentimentoHandlers } from '#contract/api.ts';
import { createApp, type App } from '../../create-app.ts';
import { programVersion, trainerEntry } from '../../program-files.ts';
import { checkedHandlers } from './checked-handlers.ts';
import { chromiumPrinter } from '../chromium-printer.ts';
import type { ExitStatus, Output } from './output.ts';

export interface Context {
  out: Output;
  /** Absolute path of the workspace, which need not exist yet. */
  dataDir: string;
  /** True where the person named it. */
  dataDirNamed: boolean;
  signal: AbortSignal;
}
/** The program in an opened workspace, with handlers that check their inputs. */
export type OpenApp = App & { handlers: PentimentoHandlers };

/** Opens the workspace, does the work, and closes it again: runs and jobs end at a safe point. */
export async function withApp(
  context: Pick<Context, 'dataDir'> & { files?: string | undefined },
  work: (app: OpenApp) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const app = await createApp({
    dataDir: context.dataDir,
    files: context.files,
    host: 'cli',
    trainerEntry,
    version: programVersion,
    printer: chromiumPrinter,
  });
  try {
    return await work({ ...app, handlers: checkedHandlers(app.handlers) });
  } finally {
    await app.close();
  }
}
