/** What turns a report into PDF: a browser, which each host has its own way to. */
import { AppError } from '#contract/errors.ts';

export interface PdfPrinter {
  /**
   * Prints an HTML file, which loads nothing else, as its own style says.
   * Errors: `chromium_missing`, `report_not_printed`, `cancelled`.
   */
  print(htmlFile: string, options: { signal: AbortSignal }): Promise<Uint8Array>;
}

export const noPrinter: PdfPrinter = {
  print: () => Promise.reject(new AppError('report_not_printed', 'This host cannot print PDF.')),
};
