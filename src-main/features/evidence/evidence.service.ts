/** Evidence: rows become `EvidenceItem`; intakes, checks and detections become jobs. */
import path from 'node:path';
import {
  type DerivedFile,
  type EvidenceFilter,
  type EvidenceItem,
  type EvidenceOrder,
  type EvidenceSelection,
  type IntakeRequest,
  type UploadedEvidence,
} from '#contract/evidence.ts';
import type { Verdict } from '#contract/detection.ts';
import { AppError } from '#contract/errors.ts';
import { createExaminer, type Examiner } from '#compute/decoding/examiner.ts';
import { shownPath } from '#compute/decoding/decode-photograph.ts';
import type { AnalysisSubject } from '#features/analysis/analysis-subject.ts';
import type { CaseService } from '#features/cases/case.service.ts';
import { walkFiles } from '#features/datasets/walk-files.ts';
import type { DetectionService } from '#features/detection/detection.service.ts';
import type { JobService } from '#features/jobs/job.service.ts';
import type { Workspace } from '#storage/workspace.ts';
import { EvidenceChecks } from './evidence-checks.ts';
import { evidenceSubject, provenItem } from './evidence-detection.ts';
import { searchText, toDerived, toEvidence } from './evidence-mapping.ts';
import { EvidenceRepository, type EvidenceRow } from './evidence.repository.ts';
import { EvidenceWriter } from './evidence-writer.ts';
import { Intake } from './intake.ts';
import { prepareStaged } from './prepare-picture.ts';
import { SimilarPictures } from './similar-pictures.ts';

export class EvidenceService {
  readonly #workspace: Workspace;
  readonly #repository: EvidenceRepository;
  readonly #writer: EvidenceWriter;
  readonly #checks: EvidenceChecks;
  readonly #similar: SimilarPictures;
  readonly #cases: CaseService;
  readonly #detection: DetectionService;
  readonly #jobs: JobService;
  readonly #programVersion: string;

  constructor(dependencies: {
    workspace: Workspace;
    cases: CaseService;
    detection: DetectionService;
    jobs: JobService;
    programVersion: string;
    /** Decodes what is taken in. */
    examiner?: Examiner;
  }) {
    const { workspace, programVersion, examiner = createExaminer() } = dependencies;
    this.#workspace = workspace;
    this.#cases = dependencies.cases;
    this.#detection = dependencies.detection;
    this.#jobs = dependencies.jobs;
    this.#programVersion = programVersion;
    this.#repository = new EvidenceRepository(workspace.db);
    this.#writer = new EvidenceWriter(workspace, this.#repository, { examiner, programVersion });
    this.#checks = new EvidenceChecks(workspace, this.#repository);
    this.#similar = new SimilarPictures(this.#repository);
  }

  /** A page of a case's items, and how many the filter leaves in all. */
  async items(
    caseId: string,
    filter: EvidenceFilter,
    order: EvidenceOrder,
    page: { offset: number; limit: number },
  ): Promise<{ items: EvidenceItem[]; total: number }> {
    const items = (await this.#repository.page(caseId, filter, order, page)).map(toEvidence);
    // A page that is not full tells by itself how many there are.
    const isLast = items.length < page.limit && (items.length > 0 || page.offset === 0);
    const total = isLast ? page.offset + items.length : await this.#repository.count(caseId, filter);
    return { items, total };
  }

  /** An item with what was made from it and said of it. Errors: `not_found`. */
  async get(id: string): Promise<{ item: EvidenceItem; derived: DerivedFile[]; verdicts: Verdict[] }> {
    const item = toEvidence(await this.#find(id));
    const derived = (await this.#repository.derived(id)).map(toDerived);
    return { item, derived, verdicts: await this.#detection.ofEvidence(id) };
  }

  /**
   * Where the original with that hash lies, and what it is called: a copy in the workspace, whether it is evidence or was
   * judged by itself, or a file that is evidence by reference. Null where there is neither.
   */
  async locateOriginal(sha256: string): Promise<{ path: string; name: string } | null> {
    const { blobs } = this.#workspace;
    const row = await this.#repository.findByHash(sha256);
    const stored = await blobs.find(sha256);
    if (stored?.kind === 'original') return { path: blobs.pathOf(sha256), name: row?.name ?? sha256 };
    return row?.storage === 'reference' ? { path: row.source_path, name: row.name } : null;
  }

  /** Items that look like the one of that id, the nearest first, itself left out. Errors: `not_found`. */
  async similar(
    id: string,
    { distance, everywhere, limit }: { distance: number; everywhere: boolean; limit: number },
  ): Promise<{ item: EvidenceItem; distance: number }[]> {
    const row = await this.#find(id);
    const found = await this.#similar.find(row.perceptual_hash, distance, everywhere ? null : row.case_id);
    const matches = found.filter((match) => match.sequence !== row.sequence).slice(0, limit);
    const rows = await this.#repository.bySequence(matches.map((match) => match.sequence));
    return rows.map((match, index) => ({ item: toEvidence(match), distance: matches[index]!.distance }));
  }

  /** Starts an intake. Errors at once: `not_found`, `case_not_open`; what is wrong with a file stands in the result. */
  async takeIn({ paths, case: reference, storage }: IntakeRequest): Promise<{ jobId: string }> {
    const into = await this.#cases.findOpen(reference);
    const jobId = await this.#jobs.run('intake', `Take evidence into "${into.name}"`, async (context) => {
      const sources = await walkFiles(paths);
      if (sources.files.length === 0) {
        if (sources.refused[0]) throw AppError.fromData(sources.refused[0].error);
        throw new AppError('file_not_found', `There is no file in ${paths.map(shownPath).join(', ')}.`);
      }
      return new Intake(this.#writer, into).files(sources, storage, context);
    });
    return { jobId };
  }

  /**
   * Takes bytes in that come without a file here: from a clipboard, or dropped on a browser's window. `name` is only
   * what they are called.
   * Errors: `not_found`, `case_not_open`, those of `Examiner.examine`, `disk_full`, `cancelled`.
   */
  async takeBytes(
    reference: string,
    name: string,
    bytes: AsyncIterable<Uint8Array>,
    options: { signal?: AbortSignal } = {},
  ): Promise<UploadedEvidence> {
    const into = await this.#cases.findOpen(reference);
    const called = path.basename(name.replaceAll('\\', '/')).trim() || 'unnamed';
    const { blobs } = this.#workspace;
    const staged = await blobs.stage(bytes, 'application/octet-stream', 'original', options);
    const source = { path: called, modifiedAt: null };
    const prepared = await prepareStaged(staged, source, this.#writer.into(into.id));
    const [written] = await this.#writer.write(into.id, [prepared]);
    return { item: toEvidence(await this.#find(written!.row.id)), duplicate: written!.duplicate };
  }

  /** Adds and removes tags and replaces notes. Answers with how many items changed. Errors: `not_found`. */
  async edit(
    ids: readonly string[],
    change: { addTags: readonly string[]; removeTags: readonly string[]; notes?: string | undefined },
  ): Promise<number> {
    const rows = await Promise.all([...new Set(ids)].map((id) => this.#find(id)));
    return this.#workspace.db.transaction().execute(async (transaction) => {
      let changed = 0;
      for (const row of rows) {
        const before = { tags: JSON.parse(row.tags) as string[], notes: row.notes };
        const tags = [...new Set([...before.tags, ...change.addTags])].filter(
          (tag) => !change.removeTags.includes(tag),
        );
        const after = { tags, notes: change.notes ?? row.notes };
        if (JSON.stringify(before) === JSON.stringify(after)) continue;
        await this.#repository.update(transaction, row.id, {
          tags: JSON.stringify(tags),
          notes: after.notes,
          search_text: searchText({ ...row, notes: after.notes }),
        });
        this.#workspace.audit.record(transaction, {
          action: 'evidence.edited',
          subject: { kind: 'evidence', id: row.id },
          payload: { before, after },
          seal: [{ table: 'evidence_items', id: row.id }],
        });
        changed++;
      }
      return changed;
    });
  }

  /** Starts a job that hashes originals again and sets the states of their items. Errors: `not_found`. */
  async check({ case: reference, items }: EvidenceSelection): Promise<{ jobId: string }> {
    const { id: caseId, name } = await this.#cases.find(reference);
    const title = `Hash the evidence of "${name}" again`;
    const jobId = await this.#jobs.run('evidence-check', title, async (context) => {
      const total = items?.length ?? (await this.#repository.count(caseId, {}));
      return this.#checks.all({ caseId, rows: this.#repository.each(caseId, items), total }, context);
    });
    return { jobId };
  }

  /**
   * Starts a job that judges items, each hashed again before and after it is read.
   * Errors at once: `not_found`, `case_not_open`, `model_missing`, `model_invalid`.
   */
  async detect({
    case: reference,
    items,
    model: wanted,
  }: EvidenceSelection & { model?: string | undefined }): Promise<{ jobId: string }> {
    const { id: caseId, name } = await this.#cases.findOpen(reference);
    const { blobs } = this.#workspace;
    const tools = { blobs, checks: this.#checks, programVersion: this.#programVersion };
    const rows = this.#repository.each(caseId, items);
    const subjects = async function* () {
      for await (const row of rows) yield evidenceSubject(row, tools);
    };
    const total = items?.length ?? (await this.#repository.count(caseId, {}));
    return this.#detection.startJob(`Judge the evidence of "${name}"`, wanted, (model, context) =>
      this.#detection.judgeSubjects(subjects(), total, model, context),
    );
  }

  /**
   * Items of an open case as analyses take them: opening one, and confirming it, fails with `evidence_*` where its original is
   * not intact. Errors: `not_found`, `case_not_open`.
   */
  async subjects({ case: reference, items }: EvidenceSelection): Promise<{
    caseName: string;
    total: number;
    subjects: AsyncIterable<AnalysisSubject>;
  }> {
    const { id: caseId, name } = await this.#cases.findOpen(reference);
    const tools = { blobs: this.#workspace.blobs, checks: this.#checks };
    const rows = this.#repository.each(caseId, items);
    const subjects = async function* () {
      for await (const row of rows) yield { ...provenItem(row, tools), evidence: { id: row.id, caseId } };
    };
    const total = items?.length ?? (await this.#repository.count(caseId, {}));
    return { caseName: name, total, subjects: subjects() };
  }

  /** Where the originals of items of any case lie, each proven intact first. Errors: `not_found`, `evidence_*`, `cancelled`. */
  async provenFiles(
    ids: readonly string[],
    options: { signal?: AbortSignal } = {},
  ): Promise<{ file: string; path: string; sha256: string }[]> {
    const tools = { blobs: this.#workspace.blobs, checks: this.#checks };
    const files: { file: string; path: string; sha256: string }[] = [];
    for (const id of new Set(ids)) {
      const { path: shown, open } = provenItem(await this.#find(id), tools);
      files.push({ path: shown, ...(await open(options)) });
    }
    return files;
  }

  async #find(id: string): Promise<EvidenceRow> {
    const row = await this.#repository.find(id);
    if (!row) throw new AppError('not_found', `There is no item of evidence ${id}.`);
    return row;
  }
}
