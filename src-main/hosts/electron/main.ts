/** Electron's main process: hands Electron's parts and the program's to each other, and nothing else. */
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  powerSaveBlocker,
  protocol,
  screen,
  session,
  utilityProcess,
} from 'electron';
import { join } from 'node:path';
import { buildRouter } from '#features/rpc/build-router.ts';
import { backendStatuses } from '../backend-status.ts';
import { blobMedia } from '../content/media.ts';
import { defaultDataDir } from '../default-data-dir.ts';
import { LogFile, logsFolder } from '../log-file.ts';
import {
  nativeFileList,
  pagesFolder,
  preloadScript,
  programRoot,
  programVersion,
  trainerEntry,
  utilityEntry,
} from '../program-files.ts';
import { ChosenPaths } from './chosen-paths.ts';
import { desktopHandlers } from './desktop-handlers.ts';
import { DesktopLink } from './desktop-link.ts';
import { DesktopState } from './desktop-state.ts';
import { runDesktop } from './desktop.ts';
import { fileDialogs } from './file-dialogs.ts';
import { checkNativeFiles } from './native-files.ts';
import { reportPrinter } from './report-printer.ts';
import { spawnUtility } from './spawn-utility.ts';

const chosen = new ChosenPaths();
const link = new DesktopLink();
const dataDir = defaultDataDir();
const logs = logsFolder(dataDir);
const dialogs = fileDialogs(dialog, chosen);
new LogFile(logs).capture();

runDesktop(
  { app, BrowserWindow, dialog, ipcMain, Menu, powerSaveBlocker, protocol, screen, session },
  {
    pages: pagesFolder,
    preload: preloadScript,
    chosen,
    link,
    // From a checkout, the first argument is the checkout.
    args: process.argv.slice(app.isPackaged ? 1 : 2),
    platform: process.platform,
    state: new DesktopState(join(app.getPath('userData'), 'desktop.json')),
    async open() {
      if (app.isPackaged) await checkNativeFiles(nativeFileList, `${programRoot}.unpacked`);
      // The natives behind it load only once the application is ready and alone.
      const { createApp } = await import('../create-app.ts');
      const program = await createApp({
        dataDir,
        host: 'electron',
        trainerEntry,
        version: programVersion,
        dialogs,
        desktop: link,
        spawn: spawnUtility(utilityProcess, utilityEntry),
        printer: reportPrinter({ BrowserWindow, session }),
      });
      return {
        router: buildRouter(desktopHandlers(program.handlers, chosen)),
        media: blobMedia(program.workspace.blobs, program.tiles),
        uploads: program.services.evidence,
        watchRuns: (signal) => program.services.runs.watch(undefined, signal),
        resume: (run) => program.services.runs.resume(run),
        close: () => program.close(),
      };
    },
    unopened: {
      chooseTarget: (choice) => dialogs.chooseTarget(choice),
      async collect(path, failure) {
        const { collectUnopened } = await import('#features/diagnostics/unopened-diagnostics.ts');
        const about = { dataDir, failure, logs, version: programVersion };
        return collectUnopened(path, { ...about, host: 'electron', backends: backendStatuses });
      },
    },
  },
).catch((error: unknown) => {
  console.error('the program could not go on:', error);
  app.exit(1);
});
