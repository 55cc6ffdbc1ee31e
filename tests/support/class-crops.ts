/** Crops as they reach the detector, of both classes, for probes. */
import type { JpegCodec, KnownFakeSource, PhotographSource, RgbImage } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import { BatchAssembly } from '#engine/training/batch-assembly.ts';
import { draftBatch } from '#engine/training/detector-batch.ts';
import { pictureAt } from '#engine/training/picture-tensors.ts';
import { KnownFakes } from '#engine/training/known-fakes.ts';
import { tinyConfig } from './tiny-training.ts';

export interface ClassSources {
  real: PhotographSource;
  fakes: PhotographSource;
}
export interface ClassCrops {
  pictures: RgbImage[];
  /** 0 for real. */
  labels: number[];
  /** The number of each crop's pair: a simulated one and the real one beside it. */
  pairs: number[];
}

const whollyGenerated = (source: PhotographSource): KnownFakeSource => ({
  ...source,
  mask: () => Promise.resolve(null),
});
const withoutCodings = ({ count, read }: PhotographSource): PhotographSource => ({ count, read });

/** The same pictures, of which nobody knows how their files are coded: the pipeline leaves the codings as they are. */
export const asTheyAre = ({ real, fakes }: ClassSources): ClassSources => ({
  real: withoutCodings(real),
  fakes: withoutCodings(fakes),
});

/**
 * Detector batches of known fakes and of drawn blends with as many real crops.
 * @param knownFakeShare of the simulated crops, the others being blends
 */
export async function classCrops(
  { real, fakes }: ClassSources,
  { perClass, codec, knownFakeShare }: { perClass: number; codec: JpegCodec; knownFakeShare: number },
): Promise<ClassCrops> {
  const config = tinyConfig({ generatorMode: 'none', knownFakeShare, colourMatchShare: 0 });
  const photographs = { real, foreign: real, knownFakes: whollyGenerated(fakes) };
  const assembly = new BatchAssembly(config, photographs, codec);
  const knownFakes = new KnownFakes(config, photographs, codec);
  const random = new Random('class crops');
  const crops: ClassCrops = { pictures: [], labels: [], pairs: [] };
  const perBatch = 50;
  for (let done = 0; done < perClass; done += perBatch) {
    const known = await knownFakes.crops(perBatch, random);
    const blends = await assembly.replayBlends(perBatch - known.pictures.length, random);
    const drawn = {
      pictures: [...known.pictures, ...blends.pictures],
      masks: [...known.masks, ...blends.masks],
    };
    const hosts = await assembly.realCrops(perBatch, [...known.hosts, ...blends.hosts], random);
    const none = { learned: 0, styled: 0 };
    const { batch } = await draftBatch(config, hosts, drawn, none, { random, codec });
    const labels = Array.from(batch.labels.data);
    crops.labels.push(...labels);
    crops.pictures.push(...labels.map((_, i) => pictureAt(batch.pixels, i)));
    crops.pairs.push(...labels.map((_, i) => done + (i % perBatch)));
  }
  return crops;
}
