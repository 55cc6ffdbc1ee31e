/** Looks at originals again and keeps the states of their items true, each change with its audit entry. */
import type { Transaction } from 'kysely';
import { reportedAtMost, type CheckReport } from '#contract/evidence.ts';
import type { JobContext } from '#features/jobs/job.service.ts';
import type { WorkspaceDatabase } from '#storage/schema.ts';
import type { Workspace } from '#storage/workspace.ts';
import type { EvidenceRepository, EvidenceRow } from './evidence.repository.ts';
import { blocked, originalState, type OriginalState } from './original-state.ts';

type Looked = { row: EvidenceRow; found: OriginalState };

/** States are written together, because each transaction is flushed to the disk. */
const batchSize = 100;

export class EvidenceChecks {
  readonly #workspace: Workspace;
  readonly #repository: EvidenceRepository;

  constructor(workspace: Workspace, repository: EvidenceRepository) {
    this.#workspace = workspace;
    this.#repository = repository;
  }

  /**
   * Proves that the original of an item is what was taken in, now.
   * Errors: `evidence_changed`, `evidence_missing`, `evidence_unreadable`, after which the item shows that state;
   * `cancelled`; failures of the workspace.
   */
  async prove(row: EvidenceRow, options: { signal?: AbortSignal } = {}): Promise<void> {
    const found = await originalState(this.#workspace.blobs, row, options);
    const now = (await this.#repository.find(row.id)) ?? row;
    if (found.state !== now.state || found.reason !== now.state_reason)
      await this.#write([{ row: now, found }]);
    if (found.state !== 'intact') throw blocked(row.source_path, found);
  }

  /** Looks at all `rows` of a case. Ended early by `signal`, it reports what was looked at until then. */
  async all(
    of: { caseId: string; rows: AsyncIterable<EvidenceRow>; total: number },
    { progress, signal }: JobContext,
  ): Promise<CheckReport> {
    const report: CheckReport = {
      checked: 0,
      states: { intact: 0, changed: 0, missing: 0, unreadable: 0 },
      found: [],
    };
    let batch: Looked[] = [];
    const flush = async (): Promise<void> => {
      await this.#write(batch);
      batch = [];
    };
    for await (const row of of.rows) {
      if (signal.aborted) break;
      const found = await originalState(this.#workspace.blobs, row, { signal }).catch((error: unknown) => {
        if (signal.aborted) return null;
        throw error;
      });
      if (found === null) break;
      report.checked++;
      report.states[found.state]++;
      if (found.state !== 'intact' && report.found.length < reportedAtMost)
        report.found.push({
          ...{ id: row.id, path: row.source_path, state: found.state },
          reason: found.reason ?? '',
        });
      batch.push({ row, found });
      if (batch.length >= batchSize) await flush();
      progress({ done: report.checked, total: of.total, label: row.name });
    }
    await flush();
    const { checked, states } = report;
    await this.#workspace.db.transaction().execute(async (transaction) => {
      this.#workspace.audit.record(transaction, {
        action: 'case.evidence-checked',
        subject: { kind: 'case', id: of.caseId },
        payload: { checked, states },
      });
    });
    return report;
  }

  async #write(looked: readonly Looked[]): Promise<void> {
    if (looked.length === 0) return;
    await this.#workspace.db.transaction().execute(async (transaction) => {
      for (const one of looked) await this.#set(transaction, one);
    });
  }

  async #set(transaction: Transaction<WorkspaceDatabase>, { row, found }: Looked): Promise<void> {
    const { state, reason } = found;
    const change = { state, state_reason: reason, checked_at: Date.now() };
    await this.#repository.update(transaction, row.id, change);
    if (state === row.state && reason === row.state_reason) return;
    this.#workspace.audit.record(transaction, {
      action: 'evidence.state-changed',
      subject: { kind: 'evidence', id: row.id },
      payload: { sha256: row.sha256, from: row.state, to: state, reason },
      seal: [{ table: 'evidence_items', id: row.id }],
    });
  }
}
