/**
 * Test forgeries: operations by which detectors are judged, none of them used in training. The generator blends and
 * transfers style under learned masks; these are what a person does with an editor. Pure functions of a picture and a
 * random stream; every pixel outside the mask stays untouched bit for bit.
 */
import type { RgbImage } from '#engine/ports.ts';
import type { Random } from '#engine/random.ts';
import { fillInto } from './forgery-fill.ts';
import { blurInto, medianInto, resampleInto } from './forgery-filters.ts';
import { drawRegion, forEachPixel, type Region } from './forgery-region.ts';

export const forgeryOperations = [
  'hard-splice',
  'copy-move',
  'inpaint-fill',
  'local-blur',
  'local-resample',
  'local-median',
] as const;
export type ForgeryOperation = (typeof forgeryOperations)[number];

export interface Forgery {
  image: RgbImage;
  /** One byte a pixel, row-major: 1 where the picture was forged. */
  mask: Uint8Array;
}

/** A change is visible where its mean over the region is at least this many of 255 levels. */
const visibleChange = 1;
/** How often another region is tried before the most visible one is taken (a flat sky cannot be blurred). */
const attempts = 8;

const copyOf = (image: RgbImage): RgbImage => ({ ...image, data: image.data.slice() });

/** Mean absolute change inside the region, over pixels and channels, in levels of 255. */
function changeOf(before: RgbImage, after: RgbImage, region: Region): number {
  let sum = 0;
  forEachPixel(region, (_x, _y, index) => {
    for (let c = index * 3; c < index * 3 + 3; c++) sum += Math.abs(before.data[c]! - after.data[c]!);
  });
  return sum / (3 * region.area);
}

/** Draws regions and applies `edit` until the change is visible; the most visible one otherwise. */
function editRegion(
  image: RgbImage,
  random: Random,
  edit: (out: RgbImage, region: Region) => void,
  fits?: (region: Region) => boolean,
): Forgery {
  let best: { change: number; forgery: Forgery } | null = null;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const region = drawRegion(image.width, image.height, random, fits);
    const out = copyOf(image);
    edit(out, region);
    const change = changeOf(image, out, region);
    if (best === null || change > best.change) best = { change, forgery: { image: out, mask: region.mask } };
    if (change >= visibleChange) break;
  }
  return best!.forgery;
}

/**
 * A shift that keeps the region (with a rim of one pixel) inside the picture and moves it by at least a quarter of its
 * box. Null where the region leaves no room.
 */
function drawShift(region: Region, random: Random): { dx: number; dy: number } | null {
  const { box, width, height } = region;
  const roomX = width - box.width - 2;
  const roomY = height - box.height - 2;
  if (roomX < 0 || roomY < 0) return null;
  for (let attempt = 0; attempt < 50; attempt++) {
    const dx = 1 + random.integer(roomX + 1) - box.x;
    const dy = 1 + random.integer(roomY + 1) - box.y;
    if (Math.abs(dx) >= box.width / 4 || Math.abs(dy) >= box.height / 4) return { dx, dy };
  }
  return null;
}

/** Copies the region's pixels from another place, of the same or of another picture. */
function paste(out: RgbImage, from: RgbImage, region: Region, shift: { dx: number; dy: number }): void {
  forEachPixel(region, (x, y, index) => {
    const start = ((y + shift.dy) * from.width + x + shift.dx) * 3;
    for (let c = 0; c < 3; c++) out.data[index * 3 + c] = from.data[start + c]!;
  });
}

/** A region taken from a random place of `donor`, with a hard edge. @throws RangeError where no region fits the donor */
function pasteFrom(donor: RgbImage, image: RgbImage, random: Random): Forgery {
  return editRegion(
    image,
    random,
    (out, region) =>
      paste(out, donor, region, {
        dx: random.integer(donor.width - region.box.width + 1) - region.box.x,
        dy: random.integer(donor.height - region.box.height + 1) - region.box.y,
      }),
    ({ box }) => box.width <= donor.width && box.height <= donor.height,
  );
}

/**
 * A region of another photograph, taken from a random place of it, with a hard edge.
 * @throws RangeError where no region of the picture fits the donor
 */
export const hardSplice = (image: RgbImage, donor: RgbImage, random: Random): Forgery =>
  pasteFrom(donor, image, random);

/**
 * A region of the same photograph, moved, with a hard edge.
 * @param elsewhere where `image` is only a crop of a photograph: another part of that photograph, which the region is taken
 *   from. Inside a small crop a moved region would come to lie mostly on itself.
 */
export function copyMove(image: RgbImage, random: Random, elsewhere?: RgbImage): Forgery {
  if (elsewhere) return pasteFrom(elsewhere, image, random);
  let shift: { dx: number; dy: number } | null = null;
  return editRegion(
    image,
    random,
    (out, region) => paste(out, image, region, shift!),
    (region) => (shift = drawShift(region, random)) !== null,
  );
}

/** A region filled from its surroundings: by diffusion, or by a healed copy of another place, one half of the time each. */
export function inpaintFill(image: RgbImage, random: Random): Forgery {
  return editRegion(image, random, (out, region) => {
    const healed = random.uniform() < 0.5;
    fillInto(out, image, region, healed ? drawShift(region, random) : null);
  });
}

/** A region blurred by a Gaussian of .8 to 2.5 pixels. */
export function localBlur(image: RgbImage, random: Random): Forgery {
  return editRegion(image, random, (out, region) => blurInto(out, image, region, random.uniform(0.8, 2.5)));
}

/** A region scaled by .7 to .9 or 1.1 to 1.4, or turned by 5 to 30 degrees, about its middle and put back. */
export function localResample(image: RgbImage, random: Random): Forgery {
  return editRegion(image, random, (out, region) => {
    const turned = random.uniform() < 0.4;
    const sign = random.uniform() < 0.5 ? -1 : 1;
    resampleInto(out, image, region, {
      scale: turned ? 1 : sign < 0 ? random.uniform(0.7, 0.9) : random.uniform(1.1, 1.4),
      angle: turned ? (sign * random.uniform(5, 30) * Math.PI) / 180 : 0,
      kernel: random.uniform() < 0.5 ? 'bilinear' : 'bicubic',
    });
  });
}

/** A region under a median filter of 3x3 or 5x5 pixels. */
export function localMedian(image: RgbImage, random: Random): Forgery {
  return editRegion(image, random, (out, region) => medianInto(out, image, region, 1 + random.integer(2)));
}

/**
 * One forgery by name. `donor` is another photograph; only the hard splice takes from it. `elsewhere` is for the copy-move.
 * @throws RangeError where the picture is smaller than 16 pixels on a side, or the donor too small for it
 */
export function forge(
  operation: ForgeryOperation,
  image: RgbImage,
  { random, donor, elsewhere }: { random: Random; donor: RgbImage; elsewhere?: RgbImage },
): Forgery {
  switch (operation) {
    case 'hard-splice':
      return hardSplice(image, donor, random);
    case 'copy-move':
      return copyMove(image, random, elsewhere);
    case 'inpaint-fill':
      return inpaintFill(image, random);
    case 'local-blur':
      return localBlur(image, random);
    case 'local-resample':
      return localResample(image, random);
    case 'local-median':
      return localMedian(image, random);
  }
}
