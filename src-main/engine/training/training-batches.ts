/**
 * What the steps of a run are fed with. The draws depend on the seed, the iteration and the step alone, so that batches can be
 * made ahead of time and elsewhere, and a resumed run sees what it would have seen.
 */
import type { HostTensor, JpegCodec, RgbImage, TrainingPhotographs } from '../ports.ts';
import { Random } from '../random.ts';
import { BatchAssembly } from './batch-assembly.ts';
import { draftBatch, type BatchDraft } from './detector-batch.ts';
import { KnownFakes } from './known-fakes.ts';
import { picturesTensor } from './picture-tensors.ts';
import { generatorCounts, sampleCounts } from './sample-counts.ts';
import type { TrainingConfig } from './training-config.ts';

type HostTensors = Record<string, HostTensor>;

/** What one detector step takes before the generator has run. */
export interface DetectorDraft extends BatchDraft {
  /** Inputs of `generateFunction` beside the weights; null where the generator makes nothing. */
  generate: HostTensors | null;
}

/** Where a trainer gets its batches. The same iteration and step give the same batch. */
export interface BatchSource {
  detector(iteration: number, step: number): Promise<DetectorDraft>;
  /** Inputs of `generatorStepFunction`: pairs and draws. */
  generator(iteration: number, step: number): Promise<HostTensors>;
}

export class TrainingBatches implements BatchSource {
  readonly #config: TrainingConfig;
  readonly #seed: number;
  readonly #codec: JpegCodec;
  readonly #assembly: BatchAssembly;
  readonly #knownFakes: KnownFakes;

  constructor(
    { config, seed }: { config: TrainingConfig; seed: number },
    photographs: TrainingPhotographs,
    codec: JpegCodec,
  ) {
    this.#config = config;
    this.#seed = seed;
    this.#codec = codec;
    this.#assembly = new BatchAssembly(config, photographs, codec);
    this.#knownFakes = new KnownFakes(config, photographs, codec);
  }

  /**
   * Pictures and draws that the generator makes `blends` and `styles` samples of; nothing for those that are 0. `hosts` are
   * the real pictures that become the simulated ones.
   */
  async #generatorBatch(
    blends: number,
    styles: number,
    random: Random,
  ): Promise<{ batch: HostTensors; hosts: { blends: RgbImage[]; styles: RgbImage[] } }> {
    const batch: HostTensors = {};
    const pairs = await this.#assembly.pairs(blends, random);
    const stylePairs = await this.#assembly.stylePairs(styles, random);
    if (blends > 0) {
      batch['real'] = picturesTensor(pairs.real);
      batch['reference'] = picturesTensor(pairs.reference);
      Object.assign(batch, this.#assembly.maskDraws(blends, random));
    }
    if (styles > 0) {
      batch['content'] = picturesTensor(stylePairs.content);
      batch['style'] = picturesTensor(stylePairs.style);
    }
    return { batch, hosts: { blends: pairs.reference, styles: stylePairs.content } };
  }

  async detector(iteration: number, step: number): Promise<DetectorDraft> {
    const config = this.#config;
    const random = new Random(`${this.#seed}/iteration/${iteration}/detector/${step}`);
    const counts = sampleCounts(config);
    const { batch: pairs, hosts } = await this.#generatorBatch(counts.learned, counts.styled, random);
    const known = await this.#knownFakes.crops(counts.drawn, random);
    const blends = await this.#assembly.replayBlends(counts.drawn - known.pictures.length, random);
    const drawn = {
      pictures: [...known.pictures, ...blends.pictures],
      masks: [...known.masks, ...blends.masks],
    };
    const allHosts = [...hosts.blends, ...known.hosts, ...blends.hosts, ...hosts.styles];
    const real = await this.#assembly.realCrops(config.realPerBatch, allHosts, random);
    const draft = await draftBatch(config, real, drawn, counts, { random, codec: this.#codec });
    return { ...draft, generate: counts.learned + counts.styled > 0 ? pairs : null };
  }

  async generator(iteration: number, step: number): Promise<HostTensors> {
    const random = new Random(`${this.#seed}/iteration/${iteration}/generator/${step}`);
    const { blends, styles } = generatorCounts(this.#config);
    return (await this.#generatorBatch(blends, styles, random)).batch;
  }
}
