/** The trained detector as an ONNX file with its passport. */
import { compileToGraph } from '#compiler/compile.ts';
import { onnxOpset, writeOnnx } from '#compiler/onnx-file.ts';
import type { OnnxGraph } from '#compiler/onnx-graph.ts';
import type { ModelCalibration } from '#contract/calibration.ts';
import type {
  ModelPassport,
  ModelValidation,
  PassportAggregation,
  ReferencePicture,
  ScoreAggregation,
} from '#contract/model.ts';
import type { TrainerStart } from '#contract/trainer-messages.ts';
import { MINIMUM_GROUPS } from '#engine/evaluation/tier-calibration.ts';
import { frozenDetector } from '#engine/models/frozen-detector.ts';
import { branchesOf } from '#engine/models/network-config.ts';
import { networkConfig, type TrainingConfig } from '#engine/training/training-config.ts';
import type { TrainingState } from '#engine/training/training-state.ts';
import { PASSPORT_PROPERTY } from '#inference/detector-session.ts';
import { createHash } from 'node:crypto';
import { USUAL_AGGREGATION } from './choose-aggregation.ts';
import { trainedOnKnownFakes } from './select-photographs.ts';

/** What was measured of an exported detector. */
export interface Measured {
  validation: ModelValidation;
  calibration: ModelCalibration | null;
  scoreAggregation: ScoreAggregation;
  aggregation: PassportAggregation | null;
  references: ReferencePicture[];
}

/** Raised with every change that gives other numbers from the same photographs. */
export const METHOD_VERSION = '2';

/** Pixels that tiles' places are multiples of, as crops were in training. */
const ALIGNMENT = 8;

const limitsOf = (start: TrainerStart, config: TrainingConfig, measured: Measured | null): string[] => [
  'A likelihood ratio says how much more probable a score is under one proposition than under the other, measured on ' +
    'validation photographs. Neither it nor the score is a probability that a picture is forged.',
  ...(measured && !measured.calibration
    ? [
        `It is not calibrated, so that every verdict is inconclusive: that takes validation photographs of ${MINIMUM_GROUPS} groups.`,
      ]
    : []),
  start.rendered
    ? 'It was trained on scenes that a program rendered. It says nothing about photographs.'
    : `It was trained on photographs of one dataset ("${start.datasetName}") and was not tested on other sources.`,
  measured ? `Validated on ${measured.validation.protocol}` : 'It was not validated.',
  ...(config.frequencyBands === 'both' && config.generatorMode === 'both'
    ? []
    : [
        `It lacks parts of the method (frequency bands: ${config.frequencyBands}; generator: ${config.generatorMode}).`,
      ]),
  trainedOnKnownFakes(start.photographs, config)
    ? 'Known fakes of its dataset joined its training; it may know them by habits of their files, and need not know other generators or editors.'
    : 'It was not trained on generated pictures.',
  'It was not trained on photographs that were resized or filtered as a whole.',
];

const cannotJudgeOf = (start: TrainerStart, config: TrainingConfig): string[] => [
  `Pictures with a side of fewer than ${config.crop} pixels.`,
  ...(start.rendered ? ['Photographs: it saw rendered scenes only.'] : []),
  ...(trainedOnKnownFakes(start.photographs, config)
    ? ['Generated or edited pictures of kinds that its dataset does not hold.']
    : ['Wholly generated pictures: it saw none.']),
  'Pictures that were resized, filtered or photographed again as a whole.',
  'Staged scenes, false captions and pictures shown out of their context.',
  'Who changed a picture, when, with what program, and why.',
];

/** What the run saw, by label and by licence. */
function describeData({ photographs }: TrainerStart): NonNullable<ModelPassport['data']> {
  const count = (label: string): number =>
    photographs.filter((photograph) => photograph.label === label).length;
  const byLicence = Map.groupBy(photographs, ({ licence }) => licence ?? null);
  return {
    real: count('real'),
    reference: count('reference'),
    simulated: count('simulated'),
    licences: [...byLicence]
      .map(([licence, some]) => ({ licence, pictures: some.length }))
      .sort((a, b) => b.pictures - a.pictures),
  };
}

/** The passport of a state's averaged detector. @param createdAt milliseconds since 1970 */
export function describeModel(
  start: TrainerStart,
  state: TrainingState,
  measured: Measured | null,
  createdAt: number,
): ModelPassport {
  return {
    methodVersion: METHOD_VERSION,
    programVersion: start.programVersion,
    opset: onnxOpset,
    labels: ['real', 'simulated'],
    pixelFormat: 'uint8 RGB, NHWC',
    tileSize: state.config.crop,
    alignment: ALIGNMENT,
    kernels: state.config.kernels,
    scoreAggregation: measured?.scoreAggregation ?? USUAL_AGGREGATION,
    aggregation: measured?.aggregation ?? null,
    frequencyBands: state.config.frequencyBands,
    branches: branchesOf(networkConfig(state.config)),
    generatorMode: state.config.generatorMode,
    calibration: measured?.calibration ?? null,
    references: measured?.references ?? [],
    trainingConfigHash: createHash('sha256').update(JSON.stringify(state.config)).digest('hex'),
    datasetManifestHash: start.datasetManifestHash,
    datasetName: start.datasetName,
    datasetVersion: start.datasetVersion ?? null,
    data: describeData(start),
    rendered: start.rendered,
    seed: state.seed,
    detectorSteps: state.detectorStep,
    createdAt,
    validation: measured?.validation ?? null,
    limits: limitsOf(start, state.config, measured),
    cannotJudge: cannotJudgeOf(start, state.config),
  };
}

/** Traces the averaged detector and lowers it to a graph that takes raw 8-bit RGB tiles `[N, S, S, 3]`. */
export function traceDetector(state: TrainingState): Promise<OnnxGraph> {
  const { detectorAverage, detectorAverageRunning, spectral } = state.vectors;
  const side = state.config.crop;
  const fn = frozenDetector(networkConfig(state.config), {
    weights: detectorAverage,
    running: detectorAverageRunning,
    spectral,
  });
  const example = {
    pixels: { dtype: 'int32' as const, shape: [2, side, side, 3], data: new Int32Array(2 * side * side * 3) },
  };
  return compileToGraph('detector', fn, example, { dynamicBatch: true, inputDtypes: { pixels: 'uint8' } });
}

/** The bytes of the ONNX file of a traced detector, with its passport among the metadata. */
export const writeDetector = (graph: OnnxGraph, passport: ModelPassport): Uint8Array =>
  writeOnnx(graph, {
    metadata: {
      [PASSPORT_PROPERTY]: JSON.stringify(passport),
      labels: JSON.stringify(passport.labels),
      // For programs that do not know the passport.
      limits: [...passport.limits, ...passport.cannotJudge.map((what) => `It cannot judge: ${what}`)].join(
        '\n',
      ),
    },
  });
