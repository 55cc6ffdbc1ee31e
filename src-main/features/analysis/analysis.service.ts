/**
 * The classical analyses: pictures in, results out, one for each analysis that was asked for, whether it ran, was not run or
 * failed. They run in a process of their own, one after another.
 */
import { z } from 'zod';
import type {
  AnalysisChoice,
  AnalysisDescription,
  AnalysisParameters,
  AnalysisPreset,
  AnalysisReport,
  AnalysisResult,
  ComparedWith,
  ReferenceSource,
} from '#contract/analysis.ts';
import type { Refusal } from '#contract/common.ts';
import { AppError } from '#contract/errors.ts';
import type { EvidenceSelection } from '#contract/evidence.ts';
import type { Analysis, AnalysisLists } from '#analysis/analysis.ts';
import { analysisPresets } from '#analysis/presets.ts';
import { analysisNames, loadAnalyses } from '#analysis/registry.ts';
import { AnalysisProcess } from '#compute/analysis/analysis-process.ts';
import type { SpawnChild } from '#compute/child-process.ts';
import { createExaminer, type Examiner } from '#compute/decoding/examiner.ts';
import { checkedParameters } from '#compute/analysis/perform-analysis.ts';
import type { DatasetService } from '#features/datasets/dataset.service.ts';
import type { EvidenceService } from '#features/evidence/evidence.service.ts';
import type { ImportedListService } from '#features/imported-lists/imported-list.service.ts';
import type { JobContext, JobService } from '#features/jobs/job.service.ts';
import { newId } from '#storage/new-id.ts';
import type { Workspace } from '#storage/workspace.ts';
import { toAnalysisResult } from './analysis-mapping.ts';
import { fileSubject, type AnalysisSubject } from './analysis-subject.ts';
import { AnalysisWriter, type UnkeptResult } from './analysis-writer.ts';
import { AnalysisRepository } from './analysis.repository.ts';
import { ReferencePictures, takenFor, type References } from './reference-pictures.ts';

type Chosen = { analysis: Analysis; parameters: AnalysisParameters; source?: ReferenceSource };
export type AnalysedItem =
  { kind: 'results'; results: AnalysisResult[] } | { kind: 'failure'; refusal: Refusal };

/** Failures that the next picture would meet as well. */
const endsAll = new Set(['cancelled', 'disk_full', 'workspace_not_writable', 'workspace_damaged']);

export class AnalysisService {
  readonly #workspace: Workspace;
  readonly #jobs: JobService;
  readonly #evidence: EvidenceService;
  readonly #programVersion: string;
  readonly #spawn: SpawnChild | undefined;
  readonly #examiner: Examiner;
  readonly #repository: AnalysisRepository;
  readonly #writer: AnalysisWriter;
  readonly #references: ReferencePictures;
  readonly #lists: ImportedListService;

  constructor(dependencies: {
    workspace: Workspace;
    jobs: JobService;
    evidence: EvidenceService;
    datasets: DatasetService;
    lists: ImportedListService;
    programVersion: string;
    /** Reads the heads of files. */
    examiner?: Examiner;
    /** How the analysis process is started; by Node's `fork` where it is not given. */
    spawn?: SpawnChild | undefined;
  }) {
    const { workspace } = dependencies;
    this.#workspace = workspace;
    this.#jobs = dependencies.jobs;
    this.#evidence = dependencies.evidence;
    this.#programVersion = dependencies.programVersion;
    this.#spawn = dependencies.spawn;
    this.#examiner = dependencies.examiner ?? createExaminer();
    this.#repository = new AnalysisRepository(workspace.db);
    this.#writer = new AnalysisWriter(workspace, this.#repository);
    this.#references = new ReferencePictures(dependencies);
    this.#lists = dependencies.lists;
  }

  async catalogue(): Promise<{ analyses: AnalysisDescription[]; presets: AnalysisPreset[] }> {
    const analyses = (await loadAnalyses()).map((analysis): AnalysisDescription => ({
      name: analysis.name,
      title: analysis.title,
      question: analysis.question,
      limits: analysis.limits,
      version: analysis.version,
      needs: analysis.needs,
      formats: analysis.formats ? [...analysis.formats] : null,
      libraries: [...(analysis.libraries ?? [])],
      parameters: z.toJSONSchema(analysis.parameters, { io: 'input' }) as AnalysisParameters,
      references: analysis.references ?? null,
    }));
    return { analyses, presets: [...analysisPresets] };
  }

  /**
   * Starts a job that analyses items of a case, each hashed again before and after.
   * Errors at once: `not_found`, `case_not_open`, `invalid_input`.
   */
  async start({
    only,
    parameters,
    references,
    ...selection
  }: EvidenceSelection & AnalysisChoice): Promise<{ jobId: string }> {
    const chosen = await this.#choose({ only, parameters, references });
    const { caseName, total, subjects } = await this.#evidence.subjects(selection);
    const jobId = await this.#jobs.run(
      'analysis',
      `Analyse the evidence of "${caseName}"`,
      async (context) => {
        const report: AnalysisReport = {
          pictures: 0,
          states: { ran: 0, 'not-run': 0, failed: 0 },
          failed: [],
        };
        try {
          for await (const item of this.#analyse(subjects, total, chosen, context))
            if (item.kind === 'failure') report.failed.push(item.refusal);
            else {
              report.pictures++;
              for (const { state } of item.results) report.states[state]++;
            }
        } catch (error) {
          // What was analysed before is kept with the cancelled job.
          if (!context.signal.aborted) throw error;
        }
        return report;
      },
    );
    return { jobId };
  }

  /**
   * Analyses one file and keeps the results.
   * @throws AppError `not_found`, `invalid_input` for what was asked; why the file, or one to compare with, cannot be opened; `cancelled`
   */
  async analyseFile(
    path: string,
    choice: AnalysisChoice,
    context: Partial<JobContext> = {},
  ): Promise<AnalysisResult[]> {
    const chosen = await this.#choose(choice);
    const subject = fileSubject(path, { blobs: this.#workspace.blobs, examiner: this.#examiner });
    for await (const item of this.#analyse([subject], 1, chosen, context)) {
      if (item.kind === 'failure') throw AppError.fromData(item.refusal.error);
      return item.results;
    }
    return [];
  }

  /** The latest result of each analysis on an item, in the order of the catalogue. */
  async ofEvidence(evidenceId: string): Promise<AnalysisResult[]> {
    const results = (await this.#repository.latestOfEvidence(evidenceId)).map(toAnalysisResult);
    const place = ({ analysis }: AnalysisResult): number => {
      const at = analysisNames.indexOf(analysis);
      return at < 0 ? analysisNames.length : at;
    };
    return results.toSorted((a, b) => place(a) - place(b));
  }

  /** @throws AppError `not_found` */
  async get(id: string): Promise<AnalysisResult> {
    const row = await this.#repository.find(id);
    if (!row) throw new AppError('not_found', `There is no result of an analysis ${id}.`);
    return toAnalysisResult(row);
  }

  /** The parameters with which each analysis ran last in a case, and where that took what it compared with. */
  async lastChoice(caseId: string): Promise<Required<Omit<AnalysisChoice, 'only'>>> {
    const choice: Required<Omit<AnalysisChoice, 'only'>> = { parameters: {}, references: {} };
    for (const row of await this.#repository.lastParameters(caseId)) {
      const { references, ...parameters } = JSON.parse(row.parameters) as AnalysisParameters;
      choice.parameters[row.name] = parameters;
      if (references) choice.references[row.name] = (references as unknown as ComparedWith).source;
    }
    return choice;
  }

  /** @throws AppError `not_found`, `invalid_input` */
  async #choose({ only, parameters = {}, references = {} }: AnalysisChoice): Promise<Chosen[]> {
    const analyses = await loadAnalyses(only && [...new Set(only)]);
    const unused = Object.keys(parameters).find(
      (name) => !analyses.some((analysis) => analysis.name === name),
    );
    if (unused !== undefined)
      throw new AppError('invalid_input', `There are parameters for "${unused}", which is not to be run.`);
    const alone = Object.keys(references).find(
      (name) => !analyses.some((analysis) => analysis.name === name && analysis.references),
    );
    if (alone !== undefined)
      throw new AppError(
        'invalid_input',
        `There are pictures to compare with for "${alone}", which is not to be run or looks at a picture by itself.`,
      );
    return analyses.map((analysis) => ({
      analysis,
      parameters: checkedParameters(analysis, parameters[analysis.name] ?? {}),
      ...(references[analysis.name] ? { source: references[analysis.name]! } : {}),
    }));
  }

  async *#analyse(
    subjects: Iterable<AnalysisSubject> | AsyncIterable<AnalysisSubject>,
    total: number,
    chosen: readonly Chosen[],
    { signal, progress }: Partial<JobContext>,
  ): AsyncGenerator<AnalysedItem, void, undefined> {
    const process = new AnalysisProcess(this.#spawn ? { spawn: this.#spawn } : {});
    try {
      const references = new Map<string, References>();
      for (const { analysis, source } of chosen)
        if (source)
          references.set(analysis.name, await this.#references.find(source, signal ? { signal } : {}));
      let done = 0;
      for await (const subject of subjects) {
        const tell = (share: number, what: string): void =>
          progress?.({ done: done + share, total, label: `${subject.path}${what}` });
        try {
          const results = await this.#results(subject, chosen, {
            process,
            references,
            tell,
            ...(signal ? { signal } : {}),
          });
          yield { kind: 'results', results };
        } catch (cause) {
          const error = AppError.from(cause);
          if (endsAll.has(error.code)) throw error;
          yield { kind: 'failure', refusal: { path: subject.path, error: error.toData() } };
        }
        done++;
        tell(0, '');
      }
    } finally {
      await process.close();
    }
  }

  async #results(
    subject: AnalysisSubject,
    chosen: readonly Chosen[],
    tools: {
      process: AnalysisProcess;
      references: ReadonlyMap<string, References>;
      tell: (share: number, what: string) => void;
      signal?: AbortSignal;
    },
  ): Promise<AnalysisResult[]> {
    const { process, references, tell, signal } = tools;
    const options = signal ? { signal } : {};
    const { path, evidence } = subject;
    const { file, sha256 } = await subject.open(options);
    const results: UnkeptResult[] = [];
    for (const { analysis, parameters } of chosen) {
      tell(results.length / chosen.length, `: ${analysis.title}`);
      const { name, title, version, libraries = [] } = analysis;
      const found = references.get(name);
      const lists = await this.#listsFor(analysis, file, signal);
      const taken = found && takenFor(found, sha256, analysis.references!.most);
      const request = { file, path, analysis: name, parameters, references: taken?.files ?? [], lists };
      const { ms, state, reason, findings, maps, files, details } = await process.analyse(request, signal);
      results.push({
        id: newId(),
        ...{ path, sha256, evidence: evidence?.id ?? null },
        ...{ analysis: name, title, version, programVersion: this.#programVersion },
        libraries: [...libraries],
        parameters: taken ? { ...parameters, references: taken.recorded } : parameters,
        ...{ state, reason, findings, maps, files, details },
        ms: ms.run,
        createdAt: Date.now(),
      });
    }
    await subject.confirm(options);
    return this.#writer.write(results, evidence?.caseId ?? null);
  }

  async #listsFor({ asks }: Analysis, file: string, signal?: AbortSignal): Promise<AnalysisLists> {
    if (asks === 'known-file') return { known: await this.#lists.known(file, signal) };
    const trust = asks === 'trust-list' ? await this.#lists.trustList() : null;
    return trust ? { trust } : {};
  }
}
