/**
 * Prints reports with a Chromium of this machine, for the headless workbench and the command line. It is started for one
 * page, which has no script, with a profile of its own, and without a way to the network.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError } from '#contract/errors.ts';
import type { PdfPrinter } from '#features/reports/pdf-printer.ts';
import { findChromium } from './find-chromium.ts';

/** Large cases take their time on slow machines; one that takes longer hangs. */
const limitMs = 5 * 60_000;

const argumentsFor = (profile: string, pdf: string, htmlFile: string): string[] => [
  '--headless',
  // Its sandbox does not work for root.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ...['--disable-gpu', '--no-first-run', '--disable-extensions', '--disable-dev-shm-usage'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
  '--host-resolver-rules=MAP * ~NOTFOUND',
  `--user-data-dir=${profile}`,
  '--no-pdf-header-footer',
  '--generate-pdf-document-outline',
  `--print-to-pdf=${pdf}`,
  pathToFileURL(htmlFile).href,
];

export const chromiumPrinter: PdfPrinter = {
  async print(htmlFile, { signal }) {
    const chromium = findChromium();
    const folder = await mkdtemp(join(tmpdir(), 'pentimento-print-'));
    const pdf = join(folder, 'report.pdf');
    try {
      const said = await run(chromium, argumentsFor(join(folder, 'profile'), pdf, htmlFile), signal);
      const bytes = await readFile(pdf).catch(() => null);
      if (bytes?.subarray(0, 5).toString('latin1') === '%PDF-') return bytes;
      throw new AppError('report_not_printed', `${chromium} printed no PDF. It said: ${said || 'nothing'}`);
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  },
};

/** Runs it to its end, however it ends, and answers with the end of what it said. */
function run(command: string, list: string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const child = spawn(command, list, {
      stdio: ['ignore', 'ignore', 'pipe'],
      signal,
      timeout: limitMs,
      killSignal: 'SIGKILL',
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-500)));
    child.once('error', (cause) =>
      reject(
        signal.aborted
          ? new AppError('cancelled', 'The printing was stopped.', { cause })
          : new AppError('report_not_printed', `${command} could not be started: ${cause.message}`, {
              cause,
            }),
      ),
    );
    child.once('close', () => resolve(said.trim()));
  });
}
