/**
 * Finds the mask of a picture by its name, below one folder:
 *
 * ```
 * images/a.jpg            masks/a.png, masks/a_mask.png or masks/a_gt.png
 * images/x_copy_rb5.png   masks/x_gt_rb5.png
 * ```
 *
 * Masks may lie beside the pictures, where their names must differ from the pictures' by one of these endings.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import { shownPath } from '#compute/decoding/decode-photograph.ts';
import { walkFiles } from './walk-files.ts';

export class MaskFinder {
  readonly #byStem: Map<string, string[]>;

  private constructor(byStem: Map<string, string[]>) {
    this.#byStem = byStem;
  }

  /** Lists the masks below `folder`. Errors: `file_not_found`, `file_unreadable`. */
  static async open(folder: string): Promise<MaskFinder> {
    const stats = await stat(folder).catch(() => null);
    if (!stats?.isDirectory())
      throw new AppError('file_not_found', `The folder of masks ${shownPath(folder)} does not exist.`);
    const { files, refused } = await walkFiles([folder]);
    if (refused[0]) throw AppError.fromData(refused[0].error);
    return new MaskFinder(Map.groupBy(files, stem));
  }

  /** The mask of `picture`, or null where it has none. Errors: `invalid_mask` where several could be meant. */
  find(picture: string): string | null {
    const masks = this.candidates(picture);
    if (masks.length > 1) {
      const names = masks.map(shownPath).join(', ');
      throw new AppError('invalid_mask', `${shownPath(picture)} has several masks: ${names}.`, {
        hint: 'Leave one mask for each picture.',
      });
    }
    return masks[0] ?? null;
  }

  /** All masks whose names say that they belong to `picture`. */
  candidates(picture: string): string[] {
    const name = stem(picture);
    const folder = path.dirname(path.resolve(picture));
    const names = new Set([name, `${name}_mask`, `${name}_gt`, name.replace('_copy', '_gt')]);
    return [...names]
      .flatMap((candidate) => this.#byStem.get(candidate) ?? [])
      .filter((mask) => stem(mask) !== name || path.dirname(mask) !== folder);
  }
}

const stem = (file: string): string => path.parse(file).name;
