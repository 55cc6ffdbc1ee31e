/**
 * Detection: pictures in, verdicts out. A file is copied into the workspace unchanged, and what is judged is that copy;
 * evidence is hashed before and after it is read: either way verdict and hash speak of the same bytes. A picture that cannot be judged is listed with its reason;
 * the others go on.
 */
import path from 'node:path';
import type { Insertable } from 'kysely';
import type { Refusal } from '#contract/common.ts';
import type { DetectionReport, DetectionRequest, Verdict } from '#contract/detection.ts';
import { AppError } from '#contract/errors.ts';
import type { Explanation, ScoreParts } from '#contract/explanation.ts';
import type { Model, ModelPassport } from '#contract/model.ts';
import type { Stability, StabilityWhen } from '#contract/stability.ts';
import { createExaminer, type Examiner } from '#compute/decoding/examiner.ts';
import { createJudgeHost, type Judge, type JudgeHost } from '#compute/judging/judge-host.ts';
import { explain, nearestReferences } from '#features/calibration/explain.ts';
import { lookAtStability, weighLook, worthALook } from '#features/calibration/stability-look.ts';
import { state, type StateInput } from '#features/calibration/state.ts';
import { PATCHES } from '#inference/explain-score.ts';
import { walkFiles } from '#features/datasets/walk-files.ts';
import type { JobContext, JobService } from '#features/jobs/job.service.ts';
import type { ModelService } from '#features/models/model.service.ts';
import { newId } from '#storage/new-id.ts';
import type { DerivedFileTable } from '#storage/schema.ts';
import type { Workspace } from '#storage/workspace.ts';
import { fromVerdict, toVerdict } from './verdict-mapping.ts';
import { storeMedia } from './verdict-media.ts';
import { VerdictRepository } from './verdict.repository.ts';
import { writeMapFiles, type WrittenMaps } from './write-maps.ts';

export type DetectionItem = { kind: 'verdict'; verdict: Verdict } | { kind: 'failure'; refusal: Refusal };

/** A picture that is to be judged. */
export type DetectionSubject = {
  /** What a person knows it by. */
  path: string;
  /** The item of evidence that it is. */
  evidence: string | null;
  /** Makes its bytes ready to be read. */
  open: (limits: { minimumSide: number; signal?: AbortSignal }) => Promise<{ file: string; sha256: string }>;
  /** Proves, once they have been read, that they were what `open` said. */
  confirm: (options: { signal?: AbortSignal }) => Promise<void>;
  /** The labels of the files that are made for its verdict. */
  label: (verdict: Verdict) => Insertable<DerivedFileTable>[];
};

export type DetectionContext = Partial<JobContext> & {
  /** Of which pictures the stability of the verdict is looked at; as the workspace's settings say where absent. */
  stability?: StabilityWhen;
};
type Work = {
  judge: Judge;
  model: Model;
  tell: (share: number) => void;
  stability: StabilityWhen;
  signal?: AbortSignal;
};

/** Failures that the next picture would meet as well. */
const endsAll = new Set(['cancelled', 'disk_full', 'workspace_not_writable', 'workspace_damaged']);

export class DetectionService {
  readonly #workspace: Workspace;
  readonly #models: ModelService;
  readonly #jobs: JobService;
  readonly #judging: JudgeHost;
  readonly #examiner: Examiner;
  readonly #repository: VerdictRepository;
  readonly #programVersion: string;

  constructor(dependencies: {
    workspace: Workspace;
    models: ModelService;
    jobs: JobService;
    judging?: JudgeHost;
    /** Reads the heads of files. */
    examiner?: Examiner;
    programVersion: string;
  }) {
    this.#workspace = dependencies.workspace;
    this.#models = dependencies.models;
    this.#jobs = dependencies.jobs;
    this.#programVersion = dependencies.programVersion;
    this.#judging = dependencies.judging ?? createJudgeHost();
    this.#examiner = dependencies.examiner ?? createExaminer();
    this.#repository = new VerdictRepository(dependencies.workspace.db);
  }

  /**
   * Starts a job that judges the pictures.
   * @throws AppError `model_missing`, `model_invalid` at once; what is wrong with a picture stands in the job's result
   */
  async start(request: DetectionRequest): Promise<{ jobId: string }> {
    const [first, ...others] = request.paths;
    const title = others.length === 0 ? `Judge ${first}` : `Judge ${first} and ${others.length} more`;
    return this.startJob(title, request.model, (model, context) => this.judge(request.paths, model, context));
  }

  /** The same for what `judge` yields. */
  async startJob(
    title: string,
    modelReference: string | undefined,
    judge: (model: Model, context: JobContext) => AsyncIterable<DetectionItem>,
  ): Promise<{ jobId: string }> {
    const model = await this.#models.resolve(modelReference);
    const jobId = await this.#jobs.run('detection', title, async (context) => {
      const report: DetectionReport = { verdicts: [], failed: [] };
      try {
        for await (const item of judge(model, context))
          if (item.kind === 'verdict') report.verdicts.push(item.verdict.id);
          else report.failed.push(item.refusal);
      } catch (error) {
        // What was judged before is kept with the cancelled job.
        if (!context.signal.aborted) throw error;
      }
      return report;
    });
    return { jobId };
  }

  /**
   * Judges files, and all files below folders, one after another: a verdict, stored already, or a failure for each.
   * @throws AppError `cancelled` where the signal is aborted, and what ends all: a full disk, an unwritable workspace,
   *   a model that cannot be opened
   */
  async *judge(
    paths: readonly string[],
    model: Model,
    context: DetectionContext = {},
  ): AsyncGenerator<DetectionItem, void, undefined> {
    const { files, refused } = await walkFiles(paths);
    for (const refusal of refused) yield { kind: 'failure', refusal };
    yield* this.judgeSubjects(
      files.map((file) => this.#fileSubject(file)),
      files.length,
      model,
      context,
    );
  }

  /** The same for `total` pictures, wherever they are. Errors as of `judge`. */
  async *judgeSubjects(
    subjects: Iterable<DetectionSubject> | AsyncIterable<DetectionSubject>,
    total: number,
    model: Model,
    context: DetectionContext = {},
  ): AsyncGenerator<DetectionItem, void, undefined> {
    const { signal, progress, stability = this.#workspace.settings.get('stability') } = context;
    const judge = await this.#judging.open({
      path: await this.#models.verifiedPath(model),
      name: `The model "${model.name}"`,
    });
    try {
      let index = 0;
      for await (const subject of subjects) {
        const done = index++;
        const tell = (share: number): void => progress?.({ done: done + share, total, label: subject.path });
        if (signal?.aborted) throw new AppError('cancelled', 'The detection was stopped.');
        tell(0);
        yield await this.#judge(subject, { judge, model, tell, stability, ...(signal ? { signal } : {}) });
        tell(1);
      }
    } finally {
      await judge.close();
    }
  }

  /** Newest first. */
  async list(page: { offset: number; limit: number }): Promise<{ verdicts: Verdict[]; total: number }> {
    const rows = await this.#repository.list(page);
    return { verdicts: rows.map(toVerdict), total: await this.#repository.count() };
  }

  /** @throws AppError `not_found` */
  async get(id: string): Promise<Verdict> {
    const row = await this.#repository.find(id);
    if (!row) throw new AppError('not_found', `There is no verdict ${id}.`);
    return toVerdict(row);
  }

  /** On an item of evidence, newest first. */
  async ofEvidence(evidenceId: string): Promise<Verdict[]> {
    return (await this.#repository.ofEvidence(evidenceId)).map(toVerdict);
  }

  /** As `writeMapFiles`. */
  async writeMaps(verdict: Verdict, folder: string): Promise<WrittenMaps> {
    return writeMapFiles(this.#workspace.blobs, verdict, folder);
  }

  /** A file, which is copied into the workspace, so that verdict and hash speak of the same bytes. */
  #fileSubject(path: string): DetectionSubject {
    const { blobs } = this.#workspace;
    const examiner = this.#examiner;
    return {
      path,
      evidence: null,
      async open({ minimumSide, signal }) {
        // The original is looked at first, so that what is no picture is not copied, and is named as the person named it.
        const { mediaType } = await examiner.probe(path, { minimumSide });
        const { hash } = await blobs.putFile(path, mediaType, 'original', signal ? { signal } : {});
        return { file: blobs.pathOf(hash), sha256: hash };
      },
      confirm: async () => undefined,
      label: () => [],
    };
  }

  async #judge(subject: DetectionSubject, work: Work): Promise<DetectionItem> {
    try {
      return { kind: 'verdict', verdict: await this.#verdictOn(subject, work) };
    } catch (cause) {
      const error = AppError.from(cause);
      if (endsAll.has(error.code)) throw error;
      return { kind: 'failure', refusal: { path: subject.path, error: error.toData() } };
    }
  }

  async #verdictOn(subject: DetectionSubject, work: Work): Promise<Verdict> {
    const { judge, model, tell, signal } = work;
    const { blobs } = this.#workspace;
    const options = signal ? { signal } : {};
    const begun = performance.now();
    const { file, sha256 } = await subject.open({ minimumSide: judge.passport.tileSize, ...options });
    const { facts, traits, judgement, media, parts, provider, ms } = await judge.judge(
      { file, name: subject.path, depth: 'full' },
      { ...options, progress: (done, total) => tell(0.1 + (0.4 * done) / total) },
    );
    const rendered = facts.rendered || (await this.#repository.isRendered(sha256));
    const { tiles, score, features } = judgement;
    const { calibration } = judge.passport;
    const input = { score, tiles, features, picture: { ...facts, ...traits, rendered }, calibration };
    const stability = await this.#stabilityOf(input, { file, name: subject.path }, work);
    await subject.confirm(options);
    const stated = state(stability ? { ...input, stability } : input);
    const explanation = await this.#explanationOf(parts!, features, judge.passport);
    const stored = await storeMedia(blobs, media!);
    const verdict: Verdict = {
      id: newId(),
      path: subject.path,
      sha256,
      evidence: subject.evidence,
      width: facts.width,
      height: facts.height,
      format: facts.format,
      rendered,
      ...stated,
      stability,
      explanation,
      notes: [...facts.notes, ...judgement.notes],
      score,
      tiles,
      ...stored,
      model: { id: model.id, sha256: model.sha256, name: model.name },
      provider,
      ms: { decode: ms.decode, infer: ms.infer, total: performance.now() - begun },
      createdAt: Date.now(),
    };
    await this.#keep(verdict, subject.label(verdict));
    return verdict;
  }

  /** Null where it is not looked at. */
  async #stabilityOf(
    input: StateInput,
    picture: { file: string; name: string },
    { judge, tell, signal, stability: when }: Work,
  ): Promise<Stability | null> {
    const { verdict } = state(input);
    if (!worthALook(when, verdict)) return null;
    const look = await lookAtStability(judge, picture, {
      ...(signal ? { signal } : {}),
      progress: (done, total) => tell(0.5 + (0.4 * done) / total),
    });
    return weighLook(look, { verdict, calibration: input.calibration, rendered: input.picture.rendered });
  }

  async #explanationOf(
    parts: ScoreParts,
    features: readonly number[],
    passport: ModelPassport,
  ): Promise<Explanation> {
    const nearest = nearestReferences(passport, features);
    const sources = await this.#repository.sourcesOf(nearest.map(({ photograph }) => photograph));
    const nameOf = (sha256: string): string | null => {
      const source = sources.get(sha256);
      return source === undefined ? null : path.basename(source);
    };
    return explain(parts, nearest, { tileSize: passport.tileSize, patches: PATCHES, nameOf });
  }

  async #keep(verdict: Verdict, derived: readonly Insertable<DerivedFileTable>[]): Promise<void> {
    const { id, path, sha256, evidence, score, llr, model } = verdict;
    const { db, audit } = this.#workspace;
    await db.transaction().execute(async (transaction) => {
      const row = { ...fromVerdict(verdict), program_version: this.#programVersion };
      await this.#repository.insert(transaction, row, derived);
      audit.record(transaction, {
        action: 'verdict.given',
        subject: { kind: 'verdict', id },
        payload: {
          file: path,
          sha256,
          evidence: evidence ?? undefined,
          verdict: verdict.verdict,
          score,
          llr,
          model,
          program: this.#programVersion,
        },
        seal: [
          { table: 'verdicts', id },
          ...(evidence !== null && derived.length > 0
            ? [{ table: 'derived_files' as const, id: evidence }]
            : []),
        ],
      });
    });
  }
}
