/**
 * Prints reports with Electron's own Chromium: in a hidden window of a session of its own, which is kept in memory only and
 * may load nothing but the file and what is inside it.
 */
import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import type { BrowserWindow, session } from 'electron';
import { AppError } from '#contract/errors.ts';
import type { PdfPrinter } from '#features/reports/pdf-printer.ts';

export interface PrintingParts {
  BrowserWindow: typeof BrowserWindow;
  session: Pick<typeof session, 'fromPartition'>;
}

export const reportPrinter = ({ BrowserWindow, session }: PrintingParts): PdfPrinter => ({
  async print(htmlFile, { signal }) {
    const url = pathToFileURL(htmlFile).href;
    const own = session.fromPartition(`report-${randomUUID()}`);
    own.setPermissionRequestHandler((_, __, answer) => answer(false));
    own.webRequest.onBeforeRequest((details, answer) =>
      answer({ cancel: details.url !== url && !details.url.startsWith('data:') }),
    );
    const window = new BrowserWindow({
      show: false,
      webPreferences: {
        session: own,
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        webSecurity: true,
        webviewTag: false,
        spellcheck: false,
        devTools: false,
      },
    });
    const stop = (): void => window.destroy();
    signal.addEventListener('abort', stop, { once: true });
    try {
      signal.throwIfAborted();
      await window.loadURL(url);
      return await window.webContents.printToPDF({
        preferCSSPageSize: true,
        printBackground: true,
        generateTaggedPDF: true,
        generateDocumentOutline: true,
      });
    } catch (cause) {
      if (signal.aborted) throw new AppError('cancelled', 'The printing was stopped.', { cause });
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new AppError('report_not_printed', `The report was not printed: ${message}`, { cause });
    } finally {
      signal.removeEventListener('abort', stop);
      if (!window.isDestroyed()) window.destroy();
    }
  },
});
