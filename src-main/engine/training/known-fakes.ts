/**
 * Known fakes: pictures labelled simulated, as further simulated samples beside the drawn blends. Their masks supervise the
 * maps P_i; a wholly generated picture has M = 1 everywhere, as a style-transferred one has.
 *
 * What tells files apart must not tell the classes apart. So every crop of a known fake comes with a crop of a real
 * photograph, both cut on the 8-pixel grid, and both get the coarser of the two files' codings: a generated picture that was
 * never a JPEG is coded as the photograph was, a photograph of high quality as the manipulated picture was. What is already
 * coded so is left as it is. Afterwards both go through the history that all crops of a batch share.
 *
 * What remains: where both files were JPEG, the finer one is now coded twice; of a file that was coded before its last coding,
 * or stored as PNG after an edit, the earlier history is not known and stays; and what was resampled as a whole stays so. A
 * linear probe on traces of files in the pixels of crops (block grids, quantisation steps, chroma; AUC with the codings as they
 * are -> with the coarser in both) finds .83 -> .5 for PNG and JPEG versions of the same scenes, .80 -> .57 for generated
 * pictures beside photographs, .85 -> .79 for CASIA's splices and .93 -> .85 for its copy-moves, whose pictures were coded before
 * they were edited. Such habits of a dataset's fakes are learned with them: few known fakes, of many sources, harm least.
 */
import type { JpegCodec, JpegCoding, RgbImage, TrainingPhotographs } from '../ports.ts';
import type { Random } from '../random.ts';
import type { DrawnBlends } from './batch-assembly.ts';
import { cut, mirrored } from './crops.ts';
import type { TrainingConfig } from './training-config.ts';

/** Shares of a crop that may be manipulated where the picture is so only in part: the crop then shows both. */
export const FAIR_SHARE = { least: 0.03, most: 0.97 } as const;

const GRID = 8;
/** Pixels that one chroma block of 4:2:0 covers. */
const CHROMA_BLOCK = 16;

/** Where a crop begins, in pixels. */
export interface Place {
  x: number;
  y: number;
}
type PartMask = Pick<RgbImage, 'width' | 'height'> & { data: Uint8Array };

/** How many pixels are manipulated above and left of each corner of the grid: `[(height / 8 + 1) * (width / 8 + 1)]`. */
function cornerSums({ width, height, data }: PartMask): {
  columns: number;
  rows: number;
  sums: Float64Array;
} {
  const columns = Math.floor(width / GRID) + 1;
  const rows = Math.floor(height / GRID) + 1;
  const sums = new Float64Array(columns * rows);
  for (let row = 1; row < rows; row++) {
    const cells = new Float64Array(columns);
    for (let y = (row - 1) * GRID; y < row * GRID; y++)
      for (let x = 0; x < (columns - 1) * GRID; x++) cells[1 + Math.floor(x / GRID)]! += data[y * width + x]!;
    for (let column = 1, along = 0; column < columns; column++) {
      along += cells[column]!;
      sums[row * columns + column] = sums[(row - 1) * columns + column]! + along;
    }
  }
  return { columns, rows, sums };
}

/**
 * The places on the 8-pixel grid where a square of `side` pixels (a multiple of 8) is manipulated in part, by `FAIR_SHARE`.
 * A crop outside would be a real one that is labelled simulated; one inside shows nothing that it could be told by.
 * @param mask 1 where manipulated, 0 elsewhere
 */
export function fairPlaces(mask: PartMask, side: number): Place[] {
  const { columns, rows, sums } = cornerSums(mask);
  const cells = side / GRID;
  const places: Place[] = [];
  for (let row = 0; row + cells < rows; row++)
    for (let column = 0; column + cells < columns; column++) {
      const [top, bottom] = [row * columns + column, (row + cells) * columns + column];
      const share = (sums[bottom + cells]! - sums[bottom]! - sums[top + cells]! + sums[top]!) / side ** 2;
      if (share >= FAIR_SHARE.least && share <= FAIR_SHARE.most)
        places.push({ x: column * GRID, y: row * GRID });
    }
  return places;
}

/** The coarser of two codings in each respect, null being the finest: what both can be brought to. */
export function coarserCoding(a: JpegCoding | null, b: JpegCoding | null): JpegCoding | null {
  if (a === null || b === null) return a ?? b;
  const subsampled = a.chromaSubsampling === '4:2:0' || b.chromaSubsampling === '4:2:0';
  return { quality: Math.min(a.quality, b.quality), chromaSubsampling: subsampled ? '4:2:0' : '4:4:4' };
}

const isCodedAs = (own: JpegCoding | null, wanted: JpegCoding): boolean =>
  own?.quality === wanted.quality && own.chromaSubsampling === wanted.chromaSubsampling;

const anyPlace = (image: RgbImage, side: number, random: Random): Place => ({
  x: GRID * random.integer(Math.floor((image.width - side) / GRID) + 1),
  y: GRID * random.integer(Math.floor((image.height - side) / GRID) + 1),
});

/** `[side * side]`: the mask's part under a crop. */
function maskCrop({ width, data }: PartMask, { x, y }: Place, side: number): Float32Array {
  const crop = new Float32Array(side * side);
  for (let row = 0; row < side; row++) {
    const start = (y + row) * width + x;
    crop.set(data.subarray(start, start + side), row * side);
  }
  return crop;
}

const mirroredMask = (mask: Float32Array, side: number): Float32Array =>
  mask.map((_, i) => mask[i - (i % side) + side - 1 - (i % side)]!);

/** One picture of a source, with where to cut it. */
interface Cutting {
  image: RgbImage;
  place: Place;
  coding: JpegCoding | null;
}

export class KnownFakes {
  readonly #config: TrainingConfig;
  readonly #photographs: TrainingPhotographs;
  readonly #codec: JpegCodec;
  readonly #fairPlaces = new Map<number, Place[]>();

  constructor(config: TrainingConfig, photographs: TrainingPhotographs, codec: JpegCodec) {
    this.#config = config;
    this.#photographs = photographs;
    this.#codec = codec;
  }

  /** How many of the places known fakes take: `knownFakeShare` of them on average. Draws nothing where there are none. */
  #count(places: number, random: Random): number {
    const share = places * this.#config.knownFakeShare;
    if (!this.#photographs.knownFakes?.count || share === 0) return 0;
    return Math.min(places, Math.floor(share + random.uniform()));
  }

  /**
   * Crops of known fakes with their masks, for their share of `places` for drawn blends; `hosts` are as many crops of real
   * photographs, which belong to the real class of the same batch. Half of either are mirrored.
   */
  async crops(places: number, random: Random): Promise<DrawnBlends> {
    const count = this.#count(places, random);
    const crops: DrawnBlends = { pictures: [], masks: [], hosts: [] };
    const side = this.#config.crop;
    for (let i = 0; i < count; i++) {
      const { mask, ...fake } = await this.#fake(random);
      const host = await this.#host(random);
      const coding = coarserCoding(fake.coding, host.coding);
      const mirror = { fake: random.uniform() < 0.5, host: random.uniform() < 0.5 };
      const [picture, real] = await Promise.all([this.#cut(fake, coding), this.#cut(host, coding)]);
      crops.pictures.push(mirror.fake ? mirrored(picture) : picture);
      crops.masks.push(mirror.fake ? mirroredMask(mask, side) : mask);
      crops.hosts.push(mirror.host ? mirrored(real) : real);
    }
    return crops;
  }

  async #fake(random: Random): Promise<Cutting & { mask: Float32Array }> {
    const source = this.#photographs.knownFakes!;
    const side = this.#config.crop;
    const index = random.integer(source.count);
    const [image, data] = [await source.read(index), await source.mask(index)];
    const coding = (await source.coding?.(index)) ?? null;
    if (data === null) {
      const mask = new Float32Array(side * side).fill(1);
      return { image, place: anyPlace(image, side, random), coding, mask };
    }
    const whole = { width: image.width, height: image.height, data };
    const places = this.#fairPlaces.get(index) ?? fairPlaces(whole, side);
    this.#fairPlaces.set(index, places);
    const place = random.pick(places);
    return { image, place, coding, mask: maskCrop(whole, place, side) };
  }

  async #host(random: Random): Promise<Cutting> {
    const { real } = this.#photographs;
    const index = random.integer(real.count);
    const image = await real.read(index);
    const coding = (await real.coding?.(index)) ?? null;
    return { image, place: anyPlace(image, this.#config.crop, random), coding };
  }

  /** The crop, as it would be had the whole picture been coded so; untouched where that is how it is coded already. */
  async #cut({ image, place, coding }: Cutting, wanted: JpegCoding | null): Promise<RgbImage> {
    const side = this.#config.crop;
    const { x, y } = place;
    if (wanted === null || isCodedAs(coding, wanted)) return cut(image, x, y, side);
    const [left, top] = [x - (x % CHROMA_BLOCK), y - (y % CHROMA_BLOCK)];
    const end = (from: number, most: number): number =>
      Math.min(most, Math.ceil((from + side) / CHROMA_BLOCK) * CHROMA_BLOCK);
    const around = cut(image, left, top, end(x, image.width) - left, end(y, image.height) - top);
    return cut(await this.#codec.roundTrip(around, wanted), x - left, y - top, side);
  }
}
