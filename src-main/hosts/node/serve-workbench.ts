/** The headless workbench as a whole: the program in one workspace, and its server. `npm start` and `serve` run it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#contract/errors.ts';
import { buildRouter } from '#features/rpc/build-router.ts';
import { createApp } from '../create-app.ts';
import { blobMedia } from '../content/media.ts';
import { pagesFolder, programVersion, trainerEntry } from '../program-files.ts';
import { chromiumPrinter } from './chromium-printer.ts';
import { startServer } from './server.ts';

export interface Workbench {
  /** The address to open, with this start's token. */
  url: string;
  port: number;
  /** Stops listening, then ends the work at a safe point; a run in progress writes a checkpoint. */
  close(): Promise<void>;
}

/**
 * Opens the workspace in `dataDir` and serves it on 127.0.0.1; port 0 takes any free one.
 * @throws AppError where the workspace cannot be opened, the port is taken, or the pages were not built.
 */
export async function serveWorkbench(options: { dataDir: string; port: number }): Promise<Workbench> {
  if (!existsSync(join(pagesFolder, 'index.html')))
    throw new AppError('file_not_found', `The workbench's pages are not in ${pagesFolder}.`, {
      hint: 'Run `npm run build` once.',
    });
  const app = await createApp({
    dataDir: options.dataDir,
    host: 'headless',
    trainerEntry,
    version: programVersion,
    printer: chromiumPrinter,
  });
  try {
    const server = await startServer({
      router: buildRouter(app.handlers),
      media: blobMedia(app.workspace.blobs, app.tiles),
      uploads: app.services.evidence,
      pages: pagesFolder,
      port: options.port,
    });
    const close = async () => {
      await server.close();
      await app.close();
    };
    return { url: server.url, port: server.port, close };
  } catch (error) {
    await app.close();
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (!taken) throw error;
    throw new AppError('invalid_input', `Port ${options.port} of 127.0.0.1 is taken.`, {
      hint: 'Choose another one with --port, or leave it out.',
    });
  }
}
