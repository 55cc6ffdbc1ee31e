/** Electron's main process: hands Electron's parts and the program's to each other, and nothing else. */
import { app, BrowserWindow, dialog, ipcMain, protocol, session } from 'electron';
import { join } from 'node:path';
import { buildRouter } from '#features/rpc/build-router.ts';
import { blobMedia } from '../content/media.ts';
import { pagesFolder, preloadScript, programVersion, trainerEntry } from '../program-files.ts';
import { runDesktop } from './desktop.ts';

runDesktop(
  { app, BrowserWindow, dialog, ipcMain, protocol, session },
  {
    pages: pagesFolder,
    preload: preloadScript,
    async open() {
      // The natives behind it load only once the application is ready and alone.
      const { createApp } = await import('../create-app.ts');
      const program = await createApp({
        dataDir: join(app.getPath('userData'), 'workspace'),
        host: 'electron',
        trainerEntry,
        version: programVersion,
      });
      return {
        router: buildRouter(program.handlers),
        media: blobMedia(program.workspace.blobs, program.tiles),
        close: () => program.close(),
      };
    },
  },
).catch((error: unknown) => {
  console.error(error);
  app.exit(1);
});
