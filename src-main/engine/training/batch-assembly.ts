/**
 * Crops for the adversarial steps, drawn from real photographs. Everything that could let the detector cheat is done to
 * both classes alike: hosts lie on the 8-pixel grid as real crops do, all are rounded to 8 bits, and JPEG is applied to a
 * share of both. The draws depend on the seed and the iteration alone, so that a resumed run sees what it would have seen.
 */
import type { HostTensor, JpegCodec, RgbImage, TrainingPhotographs } from '../ports.ts';
import type { Random } from '../random.ts';
import { alignedCrop, colourMatched, freeCrop, mirrored, toByte } from './crops.ts';
import { drawnMask } from './drawn-masks.ts';
import { changed, resampled } from './picture-changes.ts';
import { float32 } from './picture-tensors.ts';
import { selfReference } from './self-reference.ts';
import type { TrainingConfig } from './training-config.ts';

/** Largest and smallest size of the part of a photograph that becomes a resampled crop, in crops. */
const LARGEST_REDUCTION = 2;
const LARGEST_ENLARGEMENT = 0.7;

/** Foreign crops x_s beside their hosts x_r. */
export interface Pairs {
  real: RgbImage[];
  reference: RgbImage[];
}

/** Blends under masks `[S * S]` in [0, 1], and their untouched hosts. */
export interface DrawnBlends {
  pictures: RgbImage[];
  masks: Float32Array[];
  hosts: RgbImage[];
}

export class BatchAssembly {
  readonly #config: TrainingConfig;
  readonly #photographs: TrainingPhotographs;
  readonly #codec: JpegCodec;

  constructor(config: TrainingConfig, photographs: TrainingPhotographs, codec: JpegCodec) {
    this.#config = config;
    this.#photographs = photographs;
    this.#codec = codec;
  }

  /**
   * A crop with an earlier history: for a share of them another size, which leaves nothing of an old JPEG grid, and for a
   * share a change of the whole crop. Hosts and foreign parts go through it alike, and so do both classes, as the real
   * one shows the hosts: a picture that is soft, noisy or reduced as a whole is real.
   */
  async #earlierHistory(
    photograph: RgbImage,
    random: Random,
    cropOf: (image: RgbImage, side: number, random: Random) => RgbImage,
  ): Promise<RgbImage> {
    const { crop: side, resampledShare, changedShare } = this.#config;
    const most = Math.min(LARGEST_REDUCTION, photograph.width / side, photograph.height / side);
    let crop: RgbImage;
    if (random.uniform() < resampledShare) {
      const scale = Math.exp(random.uniform(Math.log(LARGEST_ENLARGEMENT), Math.log(most)));
      crop = resampled(cropOf(photograph, Math.round(side * scale), random), side, side);
    } else crop = cropOf(photograph, side, random);
    return random.uniform() < changedShare ? changed(crop, random, this.#codec) : crop;
  }

  async #hostCrop(index: number, random: Random): Promise<RgbImage> {
    const mirror = random.uniform() < 0.5;
    const crop = await this.#earlierHistory(await this.#photographs.real.read(index), random, alignedCrop);
    return mirror ? mirrored(crop) : crop;
  }

  /** Crops on the 8-pixel grid, half of them mirrored. */
  async hosts(count: number, random: Random): Promise<RgbImage[]> {
    const crops: RgbImage[] = [];
    for (let i = 0; i < count; i++)
      crops.push(await this.#hostCrop(random.integer(this.#photographs.real.count), random));
    return crops;
  }

  /** A crop of a photograph other than the host's, at any pixel, matched in colour for a share of them. */
  async #otherCrop(host: RgbImage, hostIndex: number, random: Random): Promise<RgbImage> {
    const { foreign } = this.#photographs;
    const index = (hostIndex + 1 + random.integer(foreign.count - 1)) % foreign.count;
    const other = await this.#earlierHistory(await foreign.read(index), random, freeCrop);
    return random.uniform() < this.#config.colourMatchShare ? colourMatched(other, host) : other;
  }

  /** Hosts, and for each what is blended into it: a crop of another photograph, or for a share of them a changed copy of the host. */
  async pairs(count: number, random: Random): Promise<Pairs> {
    const pairs: Pairs = { real: [], reference: [] };
    for (let i = 0; i < count; i++) {
      const hostIndex = random.integer(this.#photographs.real.count);
      const host = await this.#hostCrop(hostIndex, random);
      const own = random.uniform() < this.#config.selfReferenceShare;
      pairs.reference.push(host);
      pairs.real.push(
        own ? await selfReference(host, random, this.#codec) : await this.#otherCrop(host, hostIndex, random),
      );
    }
    return pairs;
  }

  /**
   * The real class of a batch: the hosts of its simulated samples as they were, then other crops. What the pictures show is
   * then the same in both classes and tells nothing; a classifier that has to learn from so few steps learns faster by it.
   */
  async realCrops(count: number, hosts: readonly RgbImage[], random: Random): Promise<RgbImage[]> {
    const own = hosts.slice(0, count);
    return [...own, ...(await this.hosts(count - own.length, random))];
  }

  /** Pairs of hosts for style transfer: the content lies on the grid as real crops do. */
  async stylePairs(count: number, random: Random): Promise<{ content: RgbImage[]; style: RgbImage[] }> {
    return { content: await this.hosts(count, random), style: await this.hosts(count, random) };
  }

  /** Random draws for `count` masks: area, mixture and slope, as METHOD gives them. */
  maskDraws(count: number, random: Random): Record<'area' | 'mixture' | 'slope', HostTensor> {
    const { kernels } = this.#config;
    const area = new Float32Array(count);
    const mixture = new Float32Array(count * kernels);
    const slope = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      const b = random.uniform(-1.4, -0.2);
      area[i] = Math.min(0.45, Math.max(0.06, 0.55 / (1 + Math.exp(-b))));
      mixture.set(kernels === 1 ? [1] : random.dirichlet(0.3, kernels), i * kernels);
      slope[i] = Math.exp(random.uniform(Math.log(6), Math.log(400)));
    }
    return {
      area: float32([count, 1, 1, 1], area),
      mixture: float32([count, 1, 1, kernels], mixture),
      slope: float32([count, 1, 1, 1], slope),
    };
  }

  /** Blends of pairs under drawn masks, with the masks and the hosts. */
  async replayBlends(count: number, random: Random): Promise<DrawnBlends> {
    const { real, reference } = await this.pairs(count, random);
    const side = this.#config.crop;
    const masks = real.map(() => drawnMask(side, random, this.#config.drawnMasks));
    const pictures = real.map((foreign, i) => {
      const host = reference[i]!.data;
      const mask = masks[i]!;
      const data = new Uint8Array(host.length);
      for (let pixel = 0; pixel < mask.length; pixel++) {
        const share = mask[pixel]!;
        for (let p = 3 * pixel; p < 3 * pixel + 3; p++)
          data[p] = toByte(host[p]! + share * (foreign.data[p]! - host[p]!));
      }
      return { width: side, height: side, data };
    });
    return { pictures, masks, hosts: reference };
  }
}
