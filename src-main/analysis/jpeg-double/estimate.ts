/** The first quality of a JPEG file that was saved twice on the same grid, from its coefficients and its pixels. */
import { zigzag } from '#compute/decoding/jpeg-coding.ts';
import { quantisationTable } from '#engine/ops/jpeg-simulation.ts';
import type { RgbImage } from '#engine/ports.ts';
import { eachBlock } from '../block-dct.ts';
import type { ComponentCoefficients } from '../jpeg-file/coefficients.ts';
import { luma } from '../luma.ts';
import { CoefficientDensity, doubleModel, meanGain, singleModel } from './first-quantisation.ts';

/** Places in zigzag order of the frequencies that are looked at; DC has no prior of use. */
const places = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const firstQualities = Array.from({ length: 70 }, (_, i) => 30 + i);
/** Shares of blocks that were never saved before. */
const shares = [0.02, 0.1, 0.25, 0.5, 0.75, 0.9];
const mostStep = 64;
/** A first step of 1 or 2 leaves too little to be told from a picture that is merely smooth. */
const leastStep = 3;
/** Frequencies that a quality must speak of. */
const leastFrequencies = 4;
/** Blocks from which the unquantised distribution is read. */
const sampleBlocks = 40_000;
/** Quantised values are counted up to this size. */
const mostReach = 400;

export interface FrequencyModel {
  /** Place in row order. */
  index: number;
  step: number;
  reach: number;
  /** How often each value -reach ... reach stands in the file. */
  counts: Float64Array;
  single: Float64Array;
  /** By first step. */
  double: (first: number) => Float64Array;
}

export interface FirstSaving {
  quality: number;
  /** The largest quality that fits as well, because its steps are the same at these frequencies. */
  upTo: number;
  /** Share of blocks that show no trace of it. */
  untouched: number;
  /** Nats a coefficient that it explains better than one saving does; the mean over frequencies. */
  gain: number;
  /** The same where each frequency may have a step of its own: much larger, where the tables are not the standard ones. */
  freeGain: number;
  /** First step by frequency, each for itself; 1 where none is better than a single saving. */
  steps: { index: number; step: number; first: number; gain: number }[];
}

/** The models of all frequencies. Those whose step is too coarse to tell anything are left out. */
export function frequencyModels(image: RgbImage, coefficients: ComponentCoefficients): FrequencyModel[] {
  const samples = shiftedSamples(image);
  return places.map((place): FrequencyModel => {
    const index = zigzag[place]!;
    const step = coefficients.steps[index]!;
    const reach = Math.max(1, Math.min(mostReach, Math.ceil(1024 / step)));
    const density = new CoefficientDensity(samples.get(index)!);
    const known = new Map<number, Float64Array>();
    const double = (first: number): Float64Array => {
      const model = known.get(first) ?? doubleModel(density, { first, step }, reach);
      known.set(first, model);
      return model;
    };
    const counts = countValues(coefficients, index, reach);
    return { index, step, reach, counts, single: singleModel(density, step, reach), double };
  });
}

/** Steps of a quality that can be told from the second ones, by frequency. */
const tellingSteps = (
  models: readonly FrequencyModel[],
  quality: number,
): { model: FrequencyModel; first: number }[] => {
  const table = quantisationTable('luma', quality);
  return models
    .map((model) => ({ model, first: table[model.index]! }))
    .filter(({ model, first }) => first >= leastStep && first !== model.step);
};

/** Null where the second steps leave no quality that could be told. */
export function estimateFirstSaving(models: readonly FrequencyModel[]): FirstSaving | null {
  let best: { quality: number; upTo: number; untouched: number; gain: number } | null = null;
  for (const quality of firstQualities) {
    const telling = tellingSteps(models, quality);
    if (telling.length < leastFrequencies) continue;
    let here = { untouched: 1, gain: -Infinity };
    for (const untouched of shares) {
      let gain = 0;
      for (const { model, first } of telling)
        gain += meanGain(model.counts, model.single, model.double(first), untouched);
      gain /= telling.length;
      if (gain > here.gain) here = { untouched, gain };
    }
    if (best === null || here.gain > best.gain) best = { quality, upTo: quality, ...here };
    else if (here.gain === best.gain) best.upTo = quality;
  }
  if (best === null) return null;
  const { untouched } = best;
  const steps = models.map((model) => ({
    index: model.index,
    step: model.step,
    ...bestStep(model, untouched),
  }));
  const freeGain = steps.reduce((sum, { gain }) => sum + gain, 0) / steps.length;
  return { ...best, freeGain, steps };
}

function bestStep(model: FrequencyModel, untouched: number): { first: number; gain: number } {
  let best = { first: 1, gain: 0 };
  for (let first = leastStep; first <= mostStep; first++) {
    if (first === model.step) continue;
    const gain = meanGain(model.counts, model.single, model.double(first), untouched);
    if (gain > best.gain) best = { first, gain };
  }
  return best;
}

/** ln P_single / P_double of each block, summed over the frequencies: high where no first saving is seen. */
export function blockRatios(
  models: readonly FrequencyModel[],
  { quality }: FirstSaving,
  coefficients: ComponentCoefficients,
): Float32Array {
  const { width, height, stride, data } = coefficients;
  const ratios = new Float32Array(width * height);
  for (const { model, first } of tellingSteps(models, quality)) {
    const double = model.double(first);
    // Values that the model forbids occur all the same, through clipping: no single one may decide.
    const ratio = Float64Array.from(
      model.single,
      (single, i) => -Math.log(0.02 + 0.98 * (double[i]! / single)),
    );
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const value = data[(y * stride + x) * 64 + model.index]!;
        const place = Math.max(-model.reach, Math.min(model.reach, value)) + model.reach;
        ratios[y * width + x]! += ratio[place]!;
      }
  }
  return ratios;
}

function countValues(
  { width, height, stride, data }: ComponentCoefficients,
  index: number,
  reach: number,
): Float64Array {
  const counts = new Float64Array(2 * reach + 1);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const value = data[(y * stride + x) * 64 + index]!;
      if (Math.abs(value) <= reach) counts[value + reach]! += 1;
    }
  return counts;
}

/** Coefficients by frequency on the grid that is shifted by (4, 4), from bands of rows spread over the picture. */
function shiftedSamples(image: RgbImage): Map<number, Float32Array> {
  const plane = luma(image);
  const across = Math.floor((image.width - 4) / 8);
  const down = Math.floor((image.height - 4) / 8);
  const every = Math.max(1, Math.ceil((across * down) / sampleBlocks));
  const values = new Map(places.map((place) => [zigzag[place]!, [] as number[]]));
  for (let row = 0; row < down; row += every) {
    const band = plane.subarray((4 + 8 * row) * image.width, (12 + 8 * row) * image.width);
    eachBlock(band, { width: image.width, height: 8 }, { x: 4, y: 0 }, (coefficients) => {
      for (const [index, list] of values) list.push(coefficients[index]!);
    });
  }
  return new Map([...values].map(([index, list]) => [index, Float32Array.from(list)]));
}
