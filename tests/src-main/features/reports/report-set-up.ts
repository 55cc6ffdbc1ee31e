/** A workspace with a judged and analysed case, and reports of it. */
import path from 'node:path';
import { AnalysisService } from '#features/analysis/analysis.service.ts';
import { ImportedListService } from '#features/imported-lists/imported-list.service.ts';
import type { PdfPrinter } from '#features/reports/pdf-printer.ts';
import { ReportService } from '#features/reports/report.service.ts';
import { ReviewService } from '#features/reviews/review.service.ts';
import { SettingsService } from '#features/settings/settings.service.ts';
import type { ReportRecord, ReportSubject } from '#contract/report.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { writeTinyDetector } from '#tests/support/tiny-detector.ts';
import { setUpEvidence, writePictures } from '../evidence/evidence-set-up.ts';

/** Says what it was given instead of printing it. */
export const echoingPrinter: PdfPrinter = {
  print: async (file) => Buffer.from(`%PDF-1.7\n${path.basename(file)}`),
};

export async function setUpReports(printer: PdfPrinter = echoingPrinter) {
  const services = await setUpEvidence();
  const { workspace, cases, jobs, evidence, datasets, result } = services;
  const reports = new ReportService({ workspace, cases, jobs, printer, programVersion: '1.2.3' });
  const reviews = new ReviewService({ workspace, cases });
  const settings = new SettingsService(workspace);
  const analyses = new AnalysisService({
    ...{
      workspace,
      jobs,
      evidence,
      datasets: datasets.reading,
      lists: new ImportedListService(workspace),
      programVersion: '1.2.3',
    },
  });
  await settings.change({ examiner: 'Ada' });
  const write = (subject: ReportSubject, format: 'html' | 'pdf' = 'html'): Promise<ReportRecord> =>
    result('report', reports.start({ subject, format }));
  const textOf = async ({ sha256 }: ReportRecord): Promise<string> =>
    Buffer.from(await workspace.blobs.read(sha256)).toString('utf8');
  const review = async (examiner: string, item: string, verdict: 'real' | 'simulated', reasons: string) => {
    await settings.change({ examiner });
    await reviews.record({ evidence: item, verdict, reasons });
  };
  return { ...services, reports, reviews, settings, analyses, write, textOf, review };
}

/** The case "Doe" with two pictures, the first of them judged and analysed. */
export async function setUpJudgedCase(printer?: PdfPrinter) {
  const services = await setUpReports(printer);
  const { cases, takeIn, items, models, result, evidence, analyses } = services;
  const { id: caseId } = await cases.create({ name: 'Doe', number: 'K 7', examiner: 'Ada' });
  await takeIn(await writePictures(temporaryFolder(), 2));
  const [first, second] = await items(caseId);
  await models.import(await writeTinyDetector(path.join(temporaryFolder(), 'tiny.onnx')));
  await result('detection', evidence.detect({ case: 'Doe', items: [first!.id] }));
  await result(
    'analysis',
    analyses.start({ case: 'Doe', items: [first!.id], only: ['error-level'], parameters: {} }),
  );
  return { ...services, caseId, first: first!, second: second! };
}

/** The text of the section of a picture. */
export const pictureSection = (text: string, number: number): string =>
  [...text.matchAll(/<section class="picture"[^]*?<\/section>/g)][number - 1]![0];

/** The text between tags, on one line. */
export const words = (markup: string): string => markup.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
