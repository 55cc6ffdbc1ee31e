/**
 * Verifies the whole workspace: that the audit log is the chain that was written, that what it recorded still stands in
 * the tables, and that every file still has the bytes that it was taken in with. It changes nothing.
 */
import { setImmediate } from 'node:timers/promises';
import { AppError } from '#contract/errors.ts';
import type { VerificationReport } from '#contract/verification.ts';
import type { JobContext, JobService } from '#features/jobs/job.service.ts';
import { AuditHeadFile } from '#storage/audit-head.ts';
import type { Workspace } from '#storage/workspace.ts';
import { checkBlobs, checkCheckpoints } from './check-files.ts';
import { checkLog } from './check-log.ts';
import { checkDatabase, checkResults } from './check-results.ts';
import { checkTimeStamps } from './check-time-stamps.ts';
import { Findings } from './findings.ts';

export class VerificationService {
  readonly #workspace: Workspace;
  readonly #jobs: JobService;

  constructor(dependencies: { workspace: Workspace; jobs: JobService }) {
    this.#workspace = dependencies.workspace;
    this.#jobs = dependencies.jobs;
  }

  /** Starts a job whose result is the report. */
  async start(): Promise<{ jobId: string }> {
    return {
      jobId: await this.#jobs.run('verification', 'Verify the workspace', (context) => this.verify(context)),
    };
  }

  /** @throws AppError `cancelled` where the signal is aborted */
  async verify({ progress, signal }: Partial<JobContext> = {}): Promise<VerificationReport> {
    const { sqlite, folder } = this.#workspace;
    const findings = new Findings();
    const count = (sql: string): number => Number(sqlite.prepare(sql).pluck().get());
    const files = count('SELECT count(*) FROM blobs');
    const total = files + count('SELECT count(*) FROM audit_log');
    const tell = async (done: number, label: string): Promise<void> => {
      progress?.({ done, total, label });
      await setImmediate();
      if (signal?.aborted) throw new AppError('cancelled', 'The verification was stopped.');
    };
    await tell(0, 'the database');
    const references = checkDatabase(sqlite, findings);
    const log = await checkLog(sqlite, new AuditHeadFile(folder), findings, (entries) =>
      tell(entries, 'the audit log'),
    );
    const timeStamps = await checkTimeStamps(this.#workspace, log, findings);
    const results = await checkResults(sqlite, log.seals, findings, () => tell(log.entries, 'results'));
    const blobs = await checkBlobs(this.#workspace, findings, (done) => tell(log.entries + done, 'files'));
    const checkpoints = await checkCheckpoints(this.#workspace, findings);
    await tell(total, '');
    return {
      ...findings.report(),
      at: Date.now(),
      head: log.head,
      timeStamps,
      checked: { entries: log.entries, results, references, ...blobs, checkpoints },
    };
  }
}
