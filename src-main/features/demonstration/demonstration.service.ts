/**
 * The main job, end to end: photographs (or rendered scenes) become a dataset, a detector is trained on it, exported and
 * put to a trial on photographs that were held out, and whole held-out photographs, untouched and forged, are judged as a
 * person would have them judged. Everything is done by the same procedures that the workbench uses.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PentimentoHandlers } from '#contract/api.ts';
import type { Progress } from '#contract/common.ts';
import type { ImportReport } from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import { importReportOf } from '#contract/job.ts';
import type { Model } from '#contract/model.ts';
import type { RunLogEntry, RunMetric, TrainingRun } from '#contract/training-run.ts';
import type { JpegCodec, RgbImage } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import {
  drawTrial,
  runTrial,
  type HeldOutPhotograph,
  type ReadPhotograph,
} from '#features/evaluation/forgery-trial.ts';
import { checkHeldOut, type HeldOutCheck } from '#features/evaluation/held-out-check.ts';
import { reportTrial, type TrialReport } from '#features/evaluation/trial-report.ts';
import { validationPage } from '#features/evaluation/validation-page.ts';
import { finishJob } from '#features/jobs/finish-job.ts';
import { followRun } from '#features/training/follow-run.ts';
import { openDetector } from '#inference/detector-session.ts';
import { judgeWholePhotographs, type JudgedPhotograph } from './whole-photographs.ts';

export interface DemonstrationRequest {
  /** Folder of photographs; rendered scenes where there is none. */
  real: string | null;
  /** How many scenes to render where there is no folder. */
  scenes: number;
  /** Budget of the training, without what comes before and after it. */
  minutes: number;
  seed: number;
}

export type DemonstrationEvent =
  | ({ stage: 'dataset' | 'photographs' } & Progress)
  | { stage: 'crops'; done: number; total: number }
  | { stage: 'check'; done: number; total: number }
  | { stage: 'training'; metric: RunMetric | null }
  | { stage: 'log'; entry: RunLogEntry }
  | { stage: 'trial'; label: string };

export interface DemonstrationResult {
  rendered: boolean;
  imported: ImportReport;
  run: TrainingRun;
  model: Model;
  trial: TrialReport;
  photographs: JudgedPhotograph[];
  /** Whole held-out photographs against the model's calibration. */
  check: HeldOutCheck;
  /** Markdown file: what the model was tested on, and what it cannot judge. */
  validationPage: string;
}

export interface DemonstrationDependencies {
  handlers: Pick<PentimentoHandlers, 'datasets' | 'jobs' | 'runs' | 'models' | 'detection'>;
  /** Absolute path of the workspace; pictures and maps are written to its folder `demonstration`. */
  workspace: string;
  /** The file of a blob. */
  blobPath: (hash: string) => string;
  decode: (path: string) => Promise<{ image: RgbImage }>;
  codec: JpegCodec;
}
export interface DemonstrationOptions {
  signal: AbortSignal;
  report: (event: DemonstrationEvent) => void;
}

/** Untouched crops, and forged crops of each operation. */
export const trialCount = 200;

export class DemonstrationService {
  readonly #deps: DemonstrationDependencies;

  constructor(dependencies: DemonstrationDependencies) {
    this.#deps = dependencies;
  }

  /**
   * Errors: those of each part, `dataset_too_small` where fewer than two photographs are held out, `cancelled` where
   * `signal` was aborted; the run can then be resumed.
   */
  async run(request: DemonstrationRequest, options: DemonstrationOptions): Promise<DemonstrationResult> {
    const { handlers } = this.#deps;
    const imported = await this.#makeDataset(request, options);
    const run = await this.#train(imported.datasetId, request, options);
    const model = await handlers.models.get({ id: run.modelId! });
    const heldOut = await this.#heldOut(imported.datasetId, model);
    const photographs = heldOut.map(({ read }) => read);
    const random = new Random(`demonstration ${request.seed}`);
    const trial = await this.#try(model, photographs, random.fork('trial'), options);
    const check = await this.#check(model, heldOut, request.seed, random.fork('check'), options);
    const { workspace, blobPath } = this.#deps;
    const folder = join(workspace, 'demonstration', model.id);
    await mkdir(folder, { recursive: true });
    const page = join(folder, 'validation.md');
    await writeFile(page, validationPage(model, check));
    const judged = await judgeWholePhotographs(photographs, {
      handlers,
      blobPath,
      folder,
      model,
      random: random.fork('photographs'),
      signal: options.signal,
      progress: (progress) => options.report({ ...progress, stage: 'photographs' }),
    });
    return {
      ...{ rendered: run.rendered, imported, run, model, trial, check },
      photographs: judged,
      validationPage: page,
    };
  }

  async #makeDataset(
    request: DemonstrationRequest,
    { signal, report }: DemonstrationOptions,
  ): Promise<ImportReport> {
    const { datasets } = this.#deps.handlers;
    const taken = new Set((await datasets.list({})).map(({ name }) => name));
    const base = request.real === null ? 'Demonstration (rendered scenes)' : 'Demonstration';
    let dataset = base;
    for (let n = 2; taken.has(dataset); n++) dataset = `${base} ${n}`;
    const { jobId } =
      request.real === null
        ? await datasets.renderScenes({ dataset, count: request.scenes, seed: request.seed })
        : await datasets.import({ paths: [request.real], dataset, label: 'real' });
    const job = await finishJob(this.#deps.handlers.jobs, jobId, {
      signal,
      changed: ({ progress }) => {
        if (progress) report({ ...progress, stage: 'dataset' });
      },
    });
    const result = importReportOf(job);
    if (!result || result.added.length === 0)
      throw new AppError(
        'dataset_too_small',
        `No photograph could be taken in from ${request.real ?? 'the scene renderer'}` +
          (result && result.refused.length > 0 ? `: ${result.refused[0]!.error.message}` : '.'),
      );
    return result;
  }

  async #train(
    dataset: string,
    { minutes, seed }: DemonstrationRequest,
    { signal, report }: DemonstrationOptions,
  ): Promise<TrainingRun> {
    const { runs } = this.#deps.handlers;
    signal.throwIfAborted();
    const { id } = await runs.start({ dataset, stop: { minutes }, seed, backend: 'auto', overrides: {} });
    const run = await followRun(runs, id, {
      signal,
      changed: (event) => {
        if (event.type === 'run') report({ stage: 'training', metric: event.run.latest });
        else if (event.type === 'metric') report({ stage: 'training', metric: event.metric });
        else if (event.type === 'log') report({ stage: 'log', entry: event.entry });
      },
    });
    if (signal.aborted)
      throw new AppError(
        'cancelled',
        `The demonstration was stopped; the run ${run.id} keeps its last checkpoint.`,
      );
    if (run.state !== 'done' || run.modelId === null)
      throw run.error
        ? AppError.fromData(run.error)
        : new AppError('trainer_crashed', `The run ${run.id} ended as ${run.state}, without a model.`);
    return run;
  }

  /** The real photographs of the test split that are large enough for a tile, in a stable order. */
  async #heldOut(datasetId: string, model: Model): Promise<HeldOutPhotograph[]> {
    const { handlers, blobPath, decode } = this.#deps;
    const limit = 500;
    const all: { sha256: string; group: string; width: number; height: number }[] = [];
    for (let total = Infinity, offset = 0; offset < total; offset += limit) {
      const page = await handlers.datasets.items({ datasetId, label: 'real', split: 'test', offset, limit });
      all.push(...page.items);
      total = page.total;
    }
    const least = model.passport.tileSize;
    return all
      .filter(({ width, height }) => Math.min(width, height) >= least)
      .sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1))
      .map(({ sha256, group }) => ({ read: async () => (await decode(blobPath(sha256))).image, group }));
  }

  /** Whole photographs, judged and stated on as any picture is. */
  async #check(
    model: Model,
    photographs: readonly HeldOutPhotograph[],
    seed: number,
    random: Random,
    { signal, report }: DemonstrationOptions,
  ): Promise<HeldOutCheck> {
    const detector = await openDetector(this.#deps.blobPath(model.sha256), { name: model.name });
    try {
      const progress = (done: number, total: number): void => report({ stage: 'check', done, total });
      const { rendered } = model.passport;
      return await checkHeldOut(detector, photographs, { seed, rendered, random, signal, progress });
    } finally {
      await detector.dispose();
    }
  }

  async #try(
    model: Model,
    photographs: readonly ReadPhotograph[],
    random: Random,
    { signal, report }: DemonstrationOptions,
  ): Promise<TrialReport> {
    const { blobPath, codec } = this.#deps;
    const { tileSize, alignment } = model.passport;
    const crops = await drawTrial(photographs, {
      tileSize,
      alignment,
      count: trialCount,
      random: random.fork('crops'),
      signal,
      progress: (done, total) => report({ stage: 'crops', done, total }),
    });
    const detector = await openDetector(blobPath(model.sha256), { name: model.name });
    try {
      const progress = (label: string): void => report({ stage: 'trial', label });
      const result = await runTrial(detector, crops, { codec, signal, progress });
      return reportTrial(crops, result, random.fork('intervals'));
    } finally {
      await detector.dispose();
    }
  }
}
