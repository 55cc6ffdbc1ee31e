/** Reports: written by a job from one moment's records, kept as blobs with a sealed row and an entry of the audit log. */
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import type { ReportFormat, ReportRecord, ReportSubject } from '#contract/report.ts';
import { loadAnalyses } from '#analysis/registry.ts';
import { createExaminer, type Examiner } from '#compute/decoding/examiner.ts';
import type { CaseService } from '#features/cases/case.service.ts';
import type { JobContext, JobService } from '#features/jobs/job.service.ts';
import { newId } from '#storage/new-id.ts';
import { withSnapshot } from '#storage/snapshot.ts';
import type { Workspace } from '#storage/workspace.ts';
import { writeNamedFile } from '#compute/write-file.ts';
import { collectReport, type Collected } from './collect-report.ts';
import type { PdfPrinter } from './pdf-printer.ts';
import { readableBlobs } from './readable-blobs.ts';
import { renderReport } from './render-report.ts';
import type { ReportData } from './report-data.ts';
import { contentDigest } from './report-file.ts';
import { makeImages } from './report-images.ts';
import { viewOf } from './report-view.ts';
import { findReport, insertReport, reportsOfCase, type WrittenReportRow } from './report.repository.ts';

type Context = Partial<JobContext>;

export class ReportService {
  readonly #workspace: Workspace;
  readonly #cases: CaseService;
  readonly #jobs: JobService;
  readonly #printer: PdfPrinter;
  readonly #examiner: Examiner;
  readonly #programVersion: string;

  constructor(dependencies: {
    workspace: Workspace;
    cases: CaseService;
    jobs: JobService;
    printer: PdfPrinter;
    /** Draws stored files. */
    examiner?: Examiner;
    programVersion: string;
  }) {
    this.#workspace = dependencies.workspace;
    this.#cases = dependencies.cases;
    this.#jobs = dependencies.jobs;
    this.#printer = dependencies.printer;
    this.#examiner = dependencies.examiner ?? createExaminer();
    this.#programVersion = dependencies.programVersion;
  }

  /** Newest first. */
  async ofCase(caseId: string): Promise<ReportRecord[]> {
    return (await reportsOfCase(this.#workspace.db, caseId)).map(toReport);
  }

  /** Errors: `not_found`. */
  async get(id: string): Promise<ReportRecord> {
    const row = await findReport(this.#workspace.db, id);
    if (!row) throw new AppError('not_found', `There is no report ${id}.`);
    return toReport(row);
  }

  /** Writes a copy of a report to `target`. Errors: `not_found`, `evidence_changed`, those of `writeNamedFile`. */
  async save(id: string, target: string): Promise<{ path: string }> {
    const { sha256 } = await this.get(id);
    const absolute = path.resolve(target);
    const { blobs } = this.#workspace;
    await blobs.verify(sha256);
    await writeNamedFile(absolute, (file) => file.writeFile(createReadStream(blobs.pathOf(sha256))));
    return { path: absolute };
  }

  /** Starts a job that writes a report. Errors at once: `not_found` for the case. */
  async start(request: { subject: ReportSubject; format: ReportFormat }): Promise<{ jobId: string }> {
    const { collected, title } = await this.#resolve(request.subject);
    const jobId = await this.#jobs.run('report', title, (context) =>
      this.#write(collected, request.format, context),
    );
    return { jobId };
  }

  async #resolve(subject: ReportSubject): Promise<{ collected: Collected; title: string }> {
    if ('verdict' in subject)
      return { collected: { verdictId: subject.verdict }, title: 'Write the report of a picture' };
    const { id, name } = await this.#cases.find(subject.case);
    return { collected: { caseId: id, items: subject.items }, title: `Write the report of "${name}"` };
  }

  /** Errors: those of `collectReport` and of the printer, `disk_full`, `cancelled`. */
  async #write(collected: Collected, format: ReportFormat, context: Context): Promise<ReportRecord> {
    const { data, log } = await this.#collect(collected);
    const { pictures } = viewOf(data);
    const total = pictures.length + (format === 'pdf' ? 1 : 0);
    const tell = (done: number, label: string): void => {
      if (context.signal?.aborted)
        throw new AppError('cancelled', 'The report was stopped; nothing of it was kept.');
      context.progress?.({ done, total, label });
    };
    const blobs = readableBlobs((hash) => this.#workspace.blobs.pathOf(hash));
    const images = await makeImages(pictures, { blobs, examiner: this.#examiner }, (done) =>
      tell(done, pictures[done]!.name),
    );
    const writtenAt = Date.now();
    const text = renderReport({ data, images, varying: { writtenAt, log } });
    if (format === 'pdf') tell(pictures.length, 'PDF');
    const bytes = format === 'pdf' ? await this.#print(text, context) : Buffer.from(text, 'utf8');
    tell(total, '');
    return this.#keep(bytes, {
      id: newId(),
      caseId: 'caseId' in collected ? collected.caseId : null,
      verdictId: 'caseId' in collected ? null : collected.verdictId,
      pictures: pictures.length,
      format,
      contentSha256: contentDigest(text),
      head: log,
      examiner: data.examiner,
      programVersion: this.#programVersion,
      createdAt: writtenAt,
    });
  }

  async #collect(collected: Collected): Promise<{ data: ReportData; log: ReportRecord['head'] }> {
    const catalogue = (await loadAnalyses()).map(({ name, title, limits }) => ({ name, title, limits }));
    const facts = {
      programVersion: this.#programVersion,
      examiner: this.#workspace.audit.examiner(),
      catalogue,
    };
    return withSnapshot(this.#workspace.sqlite, async (snapshot) => {
      const last = snapshot
        .prepare<[], ReportRecord['head']>(
          'SELECT sequence AS entries, hash FROM audit_log ORDER BY sequence DESC LIMIT 1',
        )
        .get();
      return {
        data: collectReport(snapshot, collected, facts),
        log: last ?? { entries: 0, hash: '0'.repeat(64) },
      };
    });
  }

  async #print(text: string, { signal = new AbortController().signal }: Context): Promise<Uint8Array> {
    const folder = await mkdtemp(path.join(tmpdir(), 'pentimento-report-'));
    try {
      const file = path.join(folder, 'report.html');
      await writeFile(file, text, { mode: 0o600 });
      return await this.#printer.print(file, { signal });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #keep(bytes: Uint8Array, report: Omit<ReportRecord, 'sha256' | 'bytes'>): Promise<ReportRecord> {
    const { blobs, db, audit } = this.#workspace;
    const staged = await blobs.stage(
      bytes,
      report.format === 'pdf' ? 'application/pdf' : 'text/html',
      'derived',
    );
    const written: ReportRecord = { ...report, sha256: staged.hash, bytes: staged.bytes };
    try {
      await blobs.keep([staged]);
      await db.transaction().execute(async (transaction) => {
        await blobs.record(transaction, [staged]);
        await insertReport(transaction, fromReport(written));
        const { id, caseId, verdictId, format, pictures, sha256, contentSha256, head } = written;
        audit.record(transaction, {
          action: 'report.written',
          subject: { kind: 'report', id },
          payload: {
            ...{ case: caseId ?? undefined, verdict: verdictId ?? undefined, format, pictures },
            ...{ sha256, contentSha256, head },
          },
          seal: [{ table: 'reports', id }],
        });
      });
    } finally {
      await blobs.discard([staged]);
    }
    return written;
  }
}

const toReport = (row: WrittenReportRow): ReportRecord => ({
  id: row.id,
  caseId: row.case_id,
  verdictId: row.verdict_id,
  pictures: row.pictures,
  format: row.format,
  sha256: row.blob,
  bytes: row.bytes,
  contentSha256: row.content_sha256,
  head: { entries: row.log_entries, hash: row.log_hash },
  examiner: row.examiner,
  programVersion: row.program_version,
  createdAt: row.created_at,
});

const fromReport = (from: ReportRecord): Omit<WrittenReportRow, 'sequence'> => ({
  id: from.id,
  case_id: from.caseId,
  verdict_id: from.verdictId,
  pictures: from.pictures,
  format: from.format,
  blob: from.sha256,
  bytes: from.bytes,
  content_sha256: from.contentSha256,
  log_entries: from.head.entries,
  log_hash: from.head.hash,
  examiner: from.examiner,
  program_version: from.programVersion,
  created_at: from.createdAt,
});
