/** Case bundles: exports and imports become jobs. */
import path from 'node:path';
import type { BundleCheck, BundleReport } from '#contract/bundle.ts';
import { reportedAtMost } from '#contract/evidence.ts';
import { AppError } from '#contract/errors.ts';
import type { CaseService } from '#features/cases/case.service.ts';
import type { JobContext, JobService } from '#features/jobs/job.service.ts';
import { withSnapshot } from '#storage/snapshot.ts';
import type { Workspace } from '#storage/workspace.ts';
import { exportBundle } from './bundle-export.ts';
import { BundleImport } from './bundle-import.ts';
import { BundleReader } from './bundle-reader.ts';
import { CaseSnapshot } from './case-snapshot.ts';
import { inspectBundle, verifyBundle } from './verify-bundle.ts';

export class BundleService {
  readonly #workspace: Workspace;
  readonly #cases: CaseService;
  readonly #jobs: JobService;
  readonly #programVersion: string;

  constructor(dependencies: {
    workspace: Workspace;
    cases: CaseService;
    jobs: JobService;
    programVersion: string;
  }) {
    this.#workspace = dependencies.workspace;
    this.#cases = dependencies.cases;
    this.#jobs = dependencies.jobs;
    this.#programVersion = dependencies.programVersion;
  }

  /** Starts a job that writes the case to a new file. Errors at once: `not_found`. */
  async export(request: { case: string; path: string; hashesOnly: boolean }): Promise<{ jobId: string }> {
    const { id, name } = await this.#cases.find(request.case);
    const target = path.resolve(request.path);
    const jobId = await this.#jobs.run('bundle-export', `Write "${name}" as a bundle`, (context) =>
      this.#export(id, target, request.hashesOnly, context),
    );
    return { jobId };
  }

  /** Starts a job that checks a bundle and takes its case in. */
  async import(request: { path: string }): Promise<{ jobId: string }> {
    const source = path.resolve(request.path);
    const jobId = await this.#jobs.run(
      'bundle-import',
      `Take in the bundle ${path.basename(source)}`,
      (context) => this.#import(source, context),
    );
    return { jobId };
  }

  /** Checks a bundle; nothing is kept. Errors as of `verifyBundle`. */
  async verify(file: string): Promise<BundleCheck> {
    return verifyBundle(path.resolve(file));
  }

  async #export(
    caseId: string,
    target: string,
    hashesOnly: boolean,
    context: JobContext,
  ): Promise<BundleReport> {
    const { blobs, db, audit, sqlite } = this.#workspace;
    const options = { hashesOnly, programVersion: this.#programVersion };
    const { manifest, manifestSha256, bytes } = await withSnapshot(sqlite, (snapshot) =>
      exportBundle(new CaseSnapshot(snapshot, caseId), blobs, target, options, context),
    );
    const { contents, counts, absent, case: of } = manifest;
    await db.transaction().execute(async (transaction) => {
      audit.record(transaction, {
        action: 'case.exported',
        subject: { kind: 'case', id: caseId },
        payload: { to: target, manifest: manifestSha256, contents, counts, absent },
      });
    });
    return {
      ...{ path: target, caseId, case: of.name, manifestSha256, contents, counts, bytes },
      ...{ absent: absent.slice(0, reportedAtMost), mapped: [] },
    };
  }

  async #import(source: string, context: JobContext): Promise<BundleReport> {
    const reader = await BundleReader.open(source);
    try {
      const { check, manifest } = await inspectBundle(reader, context);
      const { manifestSha256, findings } = check;
      if (!manifest || manifestSha256 === null || findings[0]) throw notABundle(source, check);
      const of = { path: source, manifestSha256, programVersion: this.#programVersion };
      const done = await new BundleImport(this.#workspace, reader, manifest, of, context).run();
      const { contents, counts, case: one } = manifest;
      const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
      const caseId = one.id;
      const [absent, mapped] = [done.absent.slice(0, reportedAtMost), done.mapped.slice(0, reportedAtMost)];
      return {
        path: source,
        caseId,
        case: one.name,
        manifestSha256,
        contents,
        counts,
        bytes,
        absent,
        mapped,
      };
    } finally {
      reader.close();
    }
  }
}

function notABundle(source: string, { findings }: BundleCheck): AppError {
  const first = findings[0];
  const where = first?.path ? `${first.path}: ` : '';
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : '';
  return new AppError(
    'bundle_invalid',
    `${source}: ${where}${first?.message ?? 'It has no manifest.'}${more}`,
    {
      details: { findings: findings.slice(0, 20) },
    },
  );
}
