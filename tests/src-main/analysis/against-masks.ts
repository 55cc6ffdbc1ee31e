/** How well the maps of the analyses agree with true masks. Photographs and masks as ../shared/data/manipulated holds them. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { NotRun, type Analysis, type FoundMap } from '#analysis/analysis.ts';
import { openPicture } from '#analysis/open-picture.ts';
import { checkedParameters } from '#compute/analysis/perform-analysis.ts';
import { auc } from '#engine/evaluation/metrics.ts';

export interface Manipulated {
  image: string;
  mask: string;
}

/** Images of a set with their masks, by stem; at most `most`, evenly spread. */
export function manipulatedSet(folder: string, most = Infinity): Manipulated[] {
  const masks = new Map(readdirSync(path.join(folder, 'masks')).map((name) => [stemOf(name), name]));
  const found = readdirSync(path.join(folder, 'images'))
    .sort()
    .flatMap((name) => {
      const mask = masks.get(stemOf(name));
      return mask === undefined
        ? []
        : [{ image: path.join(folder, 'images', name), mask: path.join(folder, 'masks', mask) }];
    });
  const step = Math.max(1, found.length / most);
  return Array.from({ length: Math.min(found.length, most) }, (_, i) => found[Math.floor(i * step)]!);
}

/** Of an image and its mask alike: `X_copy_rb5` and `X_gt_rb5`, `Y` and `Y_gt`. */
const stemOf = (name: string): string =>
  path.parse(name).name.replace('_copy_', '_').replace('_gt_', '_').replace(/_gt$/, '');

/** The maps of an analysis that lie over the picture; null where it does not run on it. */
export async function mapsOver(analysis: Analysis, image: string): Promise<FoundMap[] | null> {
  const picture = await openPicture(image);
  try {
    const { maps = [] } = await analysis.run(
      picture,
      checkedParameters(analysis, {}),
      new AbortController().signal,
      [],
      {},
    );
    return maps.filter(({ covers }) => covers !== null);
  } catch (error) {
    if (error instanceof NotRun) return null;
    throw error;
  }
}

/** The true mask at the cells of a map, 1 = changed: the pixel in the middle of each cell. */
export async function maskOver({ width, height, covers }: FoundMap, mask: string): Promise<Uint8Array> {
  const { data, info } = await sharp(mask).greyscale().raw().toBuffer({ resolveWithObject: true });
  const { x, y, width: across, height: down } = covers!;
  return Uint8Array.from({ length: width * height }, (_, at) => {
    const u = Math.min(info.width - 1, Math.floor(x + ((at % width) + 0.5) * (across / width)));
    const v = Math.min(info.height - 1, Math.floor(y + (Math.floor(at / width) + 0.5) * (down / height)));
    return data[v * info.width + u]! > 127 ? 1 : 0;
  });
}

/**
 * Pixel AUC of a map: of its values as they are, and of how far they lie from the map's median, as most maps show changed parts as
 * different and not as high. Null where the mask has one class only.
 */
export function agreement({ data }: FoundMap, truth: Uint8Array): { high: number; different: number } | null {
  const high = auc(data, truth);
  const median = Float32Array.from(data).sort()[data.length >> 1]!;
  const different = auc(
    data.map((value) => Math.abs(value - median)),
    truth,
  );
  return high === null || different === null ? null : { high, different };
}

/** F1 of a mask of a map against the truth. */
export function f1({ data }: FoundMap, truth: Uint8Array): number {
  let [both, either] = [0, 0];
  truth.forEach((value, at) => {
    const found = data[at]! > 0.5 ? 1 : 0;
    both += value & found;
    either += value + found;
  });
  return (2 * both) / either;
}
