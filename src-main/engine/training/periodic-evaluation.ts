/**
 * The periodic judgement of the moving-average detector while it trains, on crops of validation photographs that are the same
 * at every evaluation of a run: real crops, and blends of them under drawn masks, with the histories that training gives to
 * both classes. It follows how the training goes, without the learned samples, which change with the generator. It is not the
 * validation of the exported file, which judges whole photographs and forgeries that training never made.
 */
import { auc } from '../evaluation/metrics.ts';
import { allFinite } from '../finite.ts';
import { detector, detectorLayout, detectorRunningLayout, spectralLayout } from '../models/detector.ts';
import { frozenNormalisation } from '../models/layers.ts';
import type {
  ComputeBackend,
  HostTensor,
  JpegCodec,
  PhotographSource,
  PreparedFunction,
  TensorFunction,
} from '../ports.ts';
import { Random } from '../random.ts';
import { detectorLosses, flat, picture } from './adversarial-steps.ts';
import { BatchAssembly } from './batch-assembly.ts';
import { draftBatch } from './detector-batch.ts';
import type { Evaluation } from './evaluation-history.ts';
import { TrainingDivergedError } from './training-diverged-error.ts';
import { networkConfig, type TrainingConfig } from './training-config.ts';
import { vector, type TrainingState } from './training-state.ts';

/** Real crops in one run of the network, beside as many simulated ones. */
const CROPS_AT_ONCE = 8;
/** A blend needs two photographs. */
export const LEAST_EVALUATION_PHOTOGRAPHS = 2;

export interface EvaluationPorts {
  backend: ComputeBackend;
  /** Real photographs of the validation split, at least `LEAST_EVALUATION_PHOTOGRAPHS` of them. */
  photographs: PhotographSource;
  codec: JpegCodec;
}

/**
 * The averaged detector on one batch, normalised by its running moments; nothing is trained.
 * - in: `detector` weights, `running`, `spectral`; the batch of `detectorStepFunction`
 * - out: `loss` `[]`, the detector's total; `logit` `[n]`, the real crops' first
 */
export const evaluationFunction = (config: TrainingConfig): TensorFunction => {
  const network = networkConfig(config);
  const [d, r, s] = [detectorLayout(network), detectorRunningLayout(network), spectralLayout(network)];
  return (inputs) => {
    const p = d.unpack(flat(inputs, 'detector'));
    const normalise = frozenNormalisation(p, r.unpack(flat(inputs, 'running')));
    const statistics = s.unpack(flat(inputs, 'spectral'));
    const output = detector(picture(inputs, 'pixels'), p, statistics, normalise, network);
    return { loss: detectorLosses(output, p, inputs, config).loss, logit: output.logit };
  };
};

export class PeriodicEvaluation {
  readonly #batches: Record<string, HostTensor>[];
  readonly #prepared: PreparedFunction;

  private constructor(batches: Record<string, HostTensor>[], prepared: PreparedFunction) {
    this.#batches = batches;
    this.#prepared = prepared;
  }

  /** Draws the crops, which the configuration, the seed and the photographs decide, and prepares the network. */
  static async begin(
    { config, seed, vectors }: Pick<TrainingState, 'config' | 'seed' | 'vectors'>,
    { backend, photographs, codec }: EvaluationPorts,
  ): Promise<PeriodicEvaluation> {
    const assembly = new BatchAssembly(config, { real: photographs, foreign: photographs }, codec);
    const batches: Record<string, HostTensor>[] = [];
    for (let i = 0; i < config.evaluationCrops / CROPS_AT_ONCE; i++) {
      const random = new Random(`${seed}/evaluation/${i}`);
      const blends = await assembly.replayBlends(CROPS_AT_ONCE, random);
      const real = await assembly.realCrops(CROPS_AT_ONCE, blends.hosts, random);
      const none = { learned: 0, styled: 0 };
      batches.push((await draftBatch(config, real, blends, none, { random, codec })).batch);
    }
    const example = { ...batches[0]!, ...averaged(vectors) };
    return new PeriodicEvaluation(
      batches,
      await backend.prepare('evaluation', evaluationFunction(config), example),
    );
  }

  /** @throws TrainingDivergedError where the loss or a logit is not a finite number */
  async judge({ vectors, detectorStep }: TrainingState): Promise<Evaluation> {
    const logits: number[] = [];
    const labels: number[] = [];
    let loss = 0;
    for (const batch of this.#batches) {
      const outputs = await this.#prepared.run({ ...batch, ...averaged(vectors) });
      logits.push(...outputs['logit']!.data);
      labels.push(...batch['labels']!.data);
      loss += outputs['loss']!.data[0]! / this.#batches.length;
    }
    if (!allFinite([loss, ...logits]))
      throw new TrainingDivergedError("the averaged detector's answer to validation crops", detectorStep);
    return { step: detectorStep, loss, auc: auc(logits, labels)! };
  }

  dispose(): Promise<void> {
    return this.#prepared.dispose();
  }
}

const averaged = (vectors: TrainingState['vectors']): Record<string, HostTensor> => ({
  detector: vector(vectors.detectorAverage),
  running: vector(vectors.detectorAverageRunning),
  spectral: vector(vectors.spectral),
});
