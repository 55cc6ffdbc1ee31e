/**
 * The method's study: each variant of the method is trained on the same photographs for the same number of steps, once a
 * seed, and put to the same tests. A row is kept as soon as it is measured, is not measured twice, and goes on from its last
 * checkpoint after an interruption. Several programs may work through the same rows together.
 */
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { AppError } from '#contract/errors.ts';
import type { TrainerStart } from '#contract/trainer-messages.ts';
import type { OrtProvider } from '#compute/backends/ort-providers.ts';
import { decodePhotograph } from '#compute/decoding/decode-photograph.ts';
import {
  describeModel,
  METHOD_VERSION,
  traceDetector,
  writeDetector,
} from '#compute/trainer/export-detector.ts';
import { jpegCodec } from '#compute/trainer/jpeg-codec.ts';
import { photographSource } from '#compute/trainer/photographs.ts';
import { writeFileWhole } from '#compute/write-file.ts';
import { Random } from '#engine/random.ts';
import type { IterationMetrics } from '#engine/training/iteration-metrics.ts';
import { resolveTrainingConfig, type TrainingConfig } from '#engine/training/training-config.ts';
import type { TrainingState } from '#engine/training/training-state.ts';
import { drawTrial, type TrialCrops } from '#features/evaluation/forgery-trial.ts';
import { openDetector } from '#inference/detector-session.ts';
import { measureDetector, pictureScores } from './measure-detector.ts';
import { checkpointIn, forgetTraining, holdRowFolder, noteCommit } from './row-folder.ts';
import type { RowStore } from './row-store.ts';
import { readStudyData, type PhotographChoice, type StudyData } from './study-data.ts';
import type { RowKey, StudyRow } from './study-row.ts';
import { trainingPhotographs, trainVariant } from './train-variant.ts';
import type { Variant } from './variants.ts';

export interface StudyRequest {
  variants: readonly Variant[];
  seeds: readonly number[];
  /** Detector steps of every row. */
  steps: number;
  /** Side of a crop in pixels; the configuration's default where absent. */
  crop?: number | undefined;
  /** Folder laid out as `study-data.ts` draws it. */
  data: string;
  photographs: PhotographChoice;
  /** Folder for checkpoints and models. */
  work: string;
  provider: OrtProvider;
  threads: number;
  /** Measures rows that are there already once more. */
  again: boolean;
  /** Forged crops of each operation; 200, which the method was first measured with, where absent. */
  cropsAnOperation?: number;
  /** Detector steps between checkpoints; 50 where absent. */
  checkpointEvery?: number;
}
export type StudyEvent =
  | { stage: 'stored' | 'elsewhere' | 'begun' | 'finished'; row: PlannedRow; at?: number }
  | { stage: 'training'; row: PlannedRow; step: number; metrics: IterationMetrics }
  | { stage: 'judging'; row: PlannedRow; done: number; total: number; label: string }
  | { stage: 'failed'; row: PlannedRow; error: AppError };
export interface StudyOptions {
  signal: AbortSignal;
  report: (event: StudyEvent) => void;
}
export interface StudyDependencies {
  store: RowStore;
  programVersion: string;
  commit: string | null;
  machine: StudyRow['machine'];
}
/** A row that was asked for. */
export interface PlannedRow {
  variant: Variant;
  config: TrainingConfig;
  key: RowKey;
}
export interface StudyResult {
  /** Those of the rows asked for that are measured now. */
  rows: StudyRow[];
  failed: { row: PlannedRow; error: AppError }[];
  /** Rows that another program works on. */
  elsewhere: PlannedRow[];
}

/** Crops lie where the detector's training crops lie. */
const alignment = 8;

/** The same fields in another order are the same configuration. */
export function configHash(config: TrainingConfig): string {
  const fields = Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([METHOD_VERSION, fields]))
    .digest('hex');
}

function configOf({ name, overrides }: Variant, crop: number | undefined): TrainingConfig {
  try {
    return resolveTrainingConfig({ ...(crop === undefined ? {} : { crop }), ...overrides });
  } catch (cause) {
    throw new AppError('invalid_input', `Row ${name}: ${(cause as Error).message}.`, { cause });
  }
}

const stopped = ({ key: { name, seed } }: PlannedRow, cause: AppError): AppError =>
  new AppError('cancelled', `Row ${name}, seed ${seed} was stopped. ${cause.message}`, {
    cause,
    hint: 'Nothing is wrong; the same command goes on from there.',
  });

export class MethodStudy {
  readonly #deps: StudyDependencies;
  readonly #crops = new Map<number, Promise<TrialCrops>>();

  constructor(dependencies: StudyDependencies) {
    this.#deps = dependencies;
  }

  /**
   * Measures the rows that are not there yet, seed by seed. A row that fails is listed and the others go on.
   * @throws AppError `invalid_input` where a variant has a field that the configuration has not, `file_not_found` where the
   *   data is not there, `cancelled`
   */
  async run(request: StudyRequest, { signal, report }: StudyOptions): Promise<StudyResult> {
    const configs = request.variants.map((variant) => ({ variant, config: configOf(variant, request.crop) }));
    const data = await readStudyData(request.data, request.photographs);
    const planned = request.seeds.flatMap((seed) =>
      configs.map(({ variant, config }): PlannedRow => ({
        variant,
        config,
        key: {
          name: variant.name,
          seed,
          steps: request.steps,
          config_hash: configHash(config),
          data_hash: data.hash,
        },
      })),
    );
    const { store } = this.#deps;
    const failed: StudyResult['failed'] = [];
    const elsewhere: PlannedRow[] = [];
    for (const row of planned) {
      if (!request.again && store.find(row.key)) {
        report({ stage: 'stored', row });
        continue;
      }
      try {
        const held = await holdRowFolder(request.work, row.key, async (folder) => {
          // Another program may have finished it between the two looks.
          if (!request.again && store.find(row.key)) return;
          await this.#measure(row, folder, data, request, { signal, report });
        });
        if (held) continue;
        elsewhere.push(row);
        report({ stage: 'elsewhere', row });
      } catch (cause) {
        const error = AppError.from(cause);
        if (signal.aborted) throw stopped(row, error);
        failed.push({ row, error });
        report({ stage: 'failed', row, error });
      }
    }
    return {
      rows: planned.flatMap(({ key }) => store.find(key) ?? []),
      failed,
      elsewhere: elsewhere.filter(({ key }) => !store.find(key)),
    };
  }

  async #measure(
    row: PlannedRow,
    folder: string,
    data: StudyData,
    request: StudyRequest,
    { signal, report }: StudyOptions,
  ): Promise<void> {
    const { variant, config, key } = row;
    const { store, programVersion, commit, machine } = this.#deps;
    const training = await trainingPhotographs(data.training, config.crop);
    const earlier = await noteCommit(folder, commit);
    report({ stage: 'begun', row });
    const source = photographSource(training);
    const state = await trainVariant({
      config,
      seed: key.seed,
      steps: key.steps,
      photographs: { real: source, foreign: source },
      provider: request.provider,
      threads: request.threads,
      checkpoint: checkpointIn(folder),
      checkpointEvery: request.checkpointEvery ?? 50,
      signal,
      report: (step, metrics) => report({ stage: 'training', row, step, metrics }),
    });
    const begun = performance.now();
    const model = join(folder, 'model.onnx');
    await this.#export(state, row, model);
    const crops = await this.#trialCrops(data, config.crop, request);
    const detector = await openDetector(model, { threads: request.threads });
    const { measured, judged } = await measureDetector(detector, data, crops, {
      codec: jpegCodec,
      random: new Random('method study intervals'),
      signal,
      progress: (done, total, label) => report({ stage: 'judging', row, done, total, label }),
    }).finally(() => detector.dispose());
    await writeFileWhole(join(folder, 'pictures.json'), Buffer.from(pictureScores(judged)));
    await store.put({
      name: variant.name,
      title: variant.title,
      seed: key.seed,
      steps: key.steps,
      crop: config.crop,
      photographs: request.photographs,
      overrides: { ...variant.overrides },
      config_hash: key.config_hash,
      data_hash: key.data_hash,
      ...measured,
      counts: {
        training_photographs: training.length,
        test_photographs: data.test.length,
        crops_an_operation: crops.untouched.length,
      },
      commit,
      earlier_commits: earlier,
      program_version: programVersion,
      machine,
      threads: request.threads,
      backend: `ort/${request.provider}`,
      date: new Date().toISOString(),
      seconds: {
        training: Math.round(state.seconds),
        evaluation: Math.round((performance.now() - begun) / 1000),
      },
    });
    await forgetTraining(folder);
    report({ stage: 'finished', row });
  }

  /** Writes the averaged detector as the ONNX file that is judged: what a person would be given. */
  async #export(state: TrainingState, { config, key }: PlannedRow, path: string): Promise<void> {
    const start: TrainerStart = {
      type: 'start',
      runId: `method study ${key.name}`,
      photographs: [],
      datasetName: 'method study',
      datasetManifestHash: key.data_hash,
      rendered: false,
      programVersion: this.#deps.programVersion,
      seed: key.seed,
      stop: { steps: key.steps },
      backend: 'ort',
      overrides: { ...config },
      directory: dirname(path),
      resumeFrom: null,
      trainedSeconds: state.seconds,
    };
    const passport = describeModel(start, state, null, Date.now());
    await writeFileWhole(path, writeDetector(await traceDetector(state), passport));
  }

  /** The same crops and forgeries for every row of one crop size, whatever its seed. */
  #trialCrops(data: StudyData, tileSize: number, request: StudyRequest): Promise<TrialCrops> {
    let crops = this.#crops.get(tileSize);
    if (!crops) {
      const photographs = data.test.map(
        ({ path }) =>
          async () =>
            (await decodePhotograph(path)).image,
      );
      const count = request.cropsAnOperation ?? 200;
      const random = new Random('method study crops');
      crops = drawTrial(photographs, { tileSize, alignment, count, random });
      this.#crops.set(tileSize, crops);
    }
    return crops;
  }
}
