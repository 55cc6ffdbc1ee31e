/**
 * Adversarial training: detector and generator in alternation, n_D and n_G steps an iteration, the other network frozen.
 * It knows tensors only by their host arrays; where they are computed is the backend's affair.
 */
import type {
  ComputeBackend,
  HostTensor,
  JpegCodec,
  TrainingPhotographs,
  PreparedFunction,
} from '../ports.ts';
import { allFinite } from '../finite.ts';
import { Random } from '../random.ts';
import { mostParts, type GeneratorCounts } from './accumulation.ts';
import { detectorAdam } from './adversarial-steps.ts';
import { BatchAssembly } from './batch-assembly.ts';
import { completeBatch } from './detector-batch.ts';
import { drawnMask } from './drawn-masks.ts';
import { generatorAdam } from './generator-step.ts';
import { stepMetrics, type IterationMetrics } from './iteration-metrics.ts';
import { drawHistories, throughHistories } from './jpeg-history.ts';
import { scheduleValues } from './optimiser.ts';
import { float32, picturesTensor } from './picture-tensors.ts';
import { shapeOf, stepFunction, whose, type RunStep, type StepName } from './step-functions.ts';
import { detectorStepInParts, generatorStepInParts } from './steps-in-parts.ts';
import { TrainingBatches, type BatchSource } from './training-batches.ts';
import { averageDecayAt, cosineSchedule, openEndedSchedule } from './schedule.ts';
import { spectraFunction, spectralStatistics } from './spectral-statistics.ts';
import { generatorCounts, generatorTrains } from './sample-counts.ts';
import { networkConfig, type TrainingConfig } from './training-config.ts';
import { TrainingDivergedError } from './training-diverged-error.ts';
import { initialState, vector, type TrainingState, type TrainingVectors } from './training-state.ts';

/** Crops in one batch of the spectral statistics. */
const STATISTICS_BATCH = 16;

export interface TrainerPorts {
  backend: ComputeBackend;
  photographs: TrainingPhotographs;
  codec: JpegCodec;
  /** Where the steps' batches come from, for a run at its present iteration; made here where absent. */
  batches?: (run: TrainingState) => BatchSource;
  /** Seconds, monotonic. */
  clock: () => number;
}

type HostTensors = Record<string, HostTensor>;
const floats = (outputs: HostTensors, name: string): Float32Array => outputs[name]!.data as Float32Array;

export class AdversarialTrainer {
  readonly state: TrainingState;
  readonly #ports: TrainerPorts;
  readonly #assembly: BatchAssembly;
  readonly #batches: BatchSource;
  readonly #prepared = new Map<string, PreparedFunction>();
  /** Seconds spent compiling functions, which is no training. */
  #preparing = 0;

  constructor(state: TrainingState, ports: TrainerPorts) {
    this.state = state;
    this.#ports = ports;
    this.#assembly = new BatchAssembly(state.config, ports.photographs, ports.codec);
    this.#batches = ports.batches?.(state) ?? new TrainingBatches(state, ports.photographs, ports.codec);
  }

  /** A trainer at its first step: measures the spectral statistics of real crops, then draws the weights. */
  static async begin(config: TrainingConfig, seed: number, ports: TrainerPorts): Promise<AdversarialTrainer> {
    const random = new Random(`${seed}/statistics`);
    const assembly = new BatchAssembly(config, ports.photographs, ports.codec);
    const hosts = await assembly.hosts(config.statisticsCrops, random);
    const crops = await throughHistories(hosts, drawHistories(config, hosts.length, random), ports.codec);
    const example = { pixels: picturesTensor(crops.slice(0, STATISTICS_BATCH)) };
    const prepared = await ports.backend.prepare('spectra', spectraFunction, example);
    const spectral = await spectralStatistics(crops, STATISTICS_BATCH, prepared, networkConfig(config));
    await prepared.dispose();
    return new AdversarialTrainer(initialState(config, seed, spectral), ports);
  }

  async #run(name: StepName, inputs: HostTensors, counts?: GeneratorCounts): Promise<HostTensors> {
    const key = `${name} ${shapeOf(inputs)}`;
    let prepared = this.#prepared.get(key);
    if (!prepared) {
      const from = this.#ports.clock();
      const fn = stepFunction(name, this.state.config, counts);
      prepared = await this.#ports.backend.prepare(name, fn, inputs);
      this.#preparing += this.#ports.clock() - from;
      this.#prepared.set(key, prepared);
    }
    const outputs = await prepared.run(inputs);
    this.#requireFinite(name, outputs);
    return outputs;
  }

  /**
   * Runs one iteration, which is taken over whole or, where it fails, not at all.
   * @param done share of the run that is done, [0, 1], which sets the learning rates; null where no end is expected
   * @throws TrainingDivergedError
   */
  async iterate(done: number | null): Promise<IterationMetrics> {
    const before = { ...this.state, vectors: { ...this.state.vectors } };
    try {
      return await this.#iterate(done);
    } catch (error) {
      Object.assign(this.state, before);
      throw error;
    }
  }

  #rate(done: number | null): number {
    const { heldSteps, learningRateFloor } = this.state.config;
    if (done === null) return openEndedSchedule(this.state.detectorStep, heldSteps, learningRateFloor);
    return cosineSchedule(done, learningRateFloor);
  }

  async #iterate(done: number | null): Promise<IterationMetrics> {
    const { config } = this.state;
    const rate = this.#rate(done);
    const started = this.#ports.clock();
    const preparedBefore = this.#preparing;
    let computing = 0;
    const timed: RunStep = async (name, inputs, counts) => {
      const from = this.#ports.clock();
      const outputs = await this.#run(name, inputs, counts);
      computing += this.#ports.clock() - from;
      return outputs;
    };
    const detectorOutputs: HostTensors[] = [];
    for (let i = 0; i < config.detectorSteps; i++)
      detectorOutputs.push(await this.#detectorStep(rate, i, timed));
    const generatorOutputs: HostTensors[] = [];
    for (let i = 0; i < (generatorTrains(config) ? config.generatorSteps : 0); i++)
      generatorOutputs.push(await this.#generatorStep(rate, i, timed));
    const preparing = this.#preparing - preparedBefore;
    const elapsed = this.#ports.clock() - started - preparing;
    this.state.iteration++;
    this.state.seconds += elapsed;
    const { realPerBatch, blendsPerBatch, stylePerBatch } = config;
    return {
      ...stepMetrics(detectorOutputs, generatorOutputs),
      images: config.detectorSteps * (realPerBatch + blendsPerBatch + stylePerBatch),
      dataSeconds: elapsed - (computing - preparing),
    };
  }

  async #detectorStep(rate: number, index: number, run: RunStep): Promise<HostTensors> {
    const { config, vectors, iteration } = this.state;
    const draft = await this.#batches.detector(iteration, index);
    const generated = draft.generate
      ? await run('generate', { generator: vector(vectors.generatorWeights), ...draft.generate })
      : {};
    const batch = await completeBatch(draft, generated, this.#ports.codec);
    const step = this.state.detectorStep + 1;
    const decay = averageDecayAt(config.averageDecay, step);
    const [weights, spectral] = [vector(vectors.detectorWeights), vector(vectors.spectral)];
    const state = {
      weights,
      firstMoment: vector(vectors.detectorFirstMoment),
      secondMoment: vector(vectors.detectorSecondMoment),
      average: vector(vectors.detectorAverage),
      running: vector(vectors.detectorRunning),
      averageRunning: vector(vectors.detectorAverageRunning),
      schedule: vector(scheduleValues(detectorAdam(config), rate * config.detectorLearningRate, step, decay)),
    };
    const outputs =
      this.state.parts === 1
        ? await run('detectorStep', { ...batch, ...state, spectral })
        : await detectorStepInParts(batch, state, { weights, spectral }, { ...this.state, run });
    this.#accept(outputs, {
      detectorWeights: 'weights',
      detectorFirstMoment: 'firstMoment',
      detectorSecondMoment: 'secondMoment',
      detectorAverage: 'average',
      detectorRunning: 'running',
      detectorAverageRunning: 'averageRunning',
    });
    this.state.detectorStep = step;
    return outputs;
  }

  async #generatorStep(rate: number, index: number, run: RunStep): Promise<HostTensors> {
    const { config, vectors, iteration } = this.state;
    const step = this.state.generatorStep + 1;
    const warmth = config.styleWarmup === 0 ? 1 : Math.min(1, step / config.styleWarmup);
    const batch = await this.#batches.generator(iteration, index);
    const weights = vector(vectors.generatorWeights);
    const state = {
      weights,
      firstMoment: vector(vectors.generatorFirstMoment),
      secondMoment: vector(vectors.generatorSecondMoment),
      schedule: vector(scheduleValues(generatorAdam(config), rate * config.generatorLearningRate, step, 0)),
    };
    const frozen = {
      detector: vector(vectors.detectorWeights),
      running: vector(vectors.detectorRunning),
      spectral: vector(vectors.spectral),
      perceptual: vector(vectors.perceptual),
      styleWeight: float32([1], Float32Array.of(warmth)),
    };
    const outputs =
      this.state.parts === 1
        ? await run('generatorStep', { ...batch, ...state, ...frozen })
        : await generatorStepInParts(batch, state, { weights, ...frozen }, { ...this.state, run });
    this.#accept(outputs, {
      generatorWeights: 'weights',
      generatorFirstMoment: 'firstMoment',
      generatorSecondMoment: 'secondMoment',
    });
    this.state.generatorStep = step;
    return outputs;
  }

  /**
   * From now on takes each batch in twice as many parts, for want of memory, and gives back what was prepared for larger
   * ones. What this changes is said in `accumulation.ts`.
   * @returns false, and nothing changes, where the parts would be too small
   */
  async halve(): Promise<boolean> {
    if (2 * this.state.parts > mostParts(this.state.config)) return false;
    this.state.parts *= 2;
    await this.dispose();
    return true;
  }

  /** A number that is not finite would spread silently: into weights, or as a black pixel. */
  #requireFinite(name: StepName, outputs: HostTensors): void {
    for (const [output, { data }] of Object.entries(outputs)) {
      if (!allFinite(data))
        throw new TrainingDivergedError(`${whose[name]} "${output}"`, this.state.detectorStep + 1);
    }
  }

  /** Takes a step's new vectors over. */
  #accept(outputs: HostTensors, names: Partial<Record<keyof TrainingVectors, string>>): void {
    for (const [vectorName, output] of Object.entries(names)) {
      this.state.vectors[vectorName as keyof TrainingVectors] = floats(outputs, output);
    }
  }

  /**
   * What the theatre shows: `count` samples, the same pairs and draws at every call, judged by the averaged detector.
   * Outputs of `theatreFunction`, with the pictures that went in. Without learned blends, they are under drawn masks, as
   * in training.
   */
  async theatre(count: number): Promise<HostTensors> {
    const { vectors, seed, config } = this.state;
    const random = new Random(`${seed}/theatre`);
    const { blends, styles } = generatorCounts(config);
    const pairs = await this.#assembly.pairs(count, random);
    const style = await this.#assembly.hosts(count, random);
    const inputs: HostTensors = {
      real: picturesTensor(pairs.real),
      reference: picturesTensor(pairs.reference),
      ...(styles > 0 ? { style: picturesTensor(style) } : {}),
      ...(blends > 0 ? this.#assembly.maskDraws(count, random) : { fused: this.#drawnMasks(count, random) }),
    };
    const outputs = await this.#run('theatre', {
      ...inputs,
      generator: vector(vectors.generatorWeights),
      detector: vector(vectors.detectorAverage),
      running: vector(vectors.detectorAverageRunning),
      spectral: vector(vectors.spectral),
    });
    return { ...inputs, ...outputs };
  }

  /** `[count, S, S, 1]` */
  #drawnMasks(count: number, random: Random): HostTensor {
    const { crop, drawnMasks } = this.state.config;
    const data = new Float32Array(count * crop ** 2);
    for (let i = 0; i < count; i++) data.set(drawnMask(crop, random, drawnMasks), i * crop ** 2);
    return float32([count, crop, crop, 1], data);
  }

  async dispose(): Promise<void> {
    for (const prepared of this.#prepared.values()) await prepared.dispose();
    this.#prepared.clear();
  }
}
