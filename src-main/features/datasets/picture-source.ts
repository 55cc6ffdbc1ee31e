/** One picture that an import is to take in, with all that is said of it; wherever that was found. */
import type { Refusal } from '#contract/common.ts';
import type { DatasetLabel, Split } from '#contract/dataset.ts';

export type PictureSource = {
  /** The file to read, absolute. */
  file: string;
  /** Where it is said to come from. */
  shown: string;
  /** The file of its mask, absolute. */
  mask: string | null;
  label: DatasetLabel;
  category: string | null;
  /** Null where it is a group of its own. */
  group: string | null;
  /** Whether its group is its camera, where it names one. */
  byCamera?: boolean;
  /** Null where the split is to be chosen. */
  split: Split | null;
  licence: string | null;
  /** What its bytes, and those of the mask, must hash to; null where nobody said. */
  sha256: string | null;
  maskSha256: string | null;
  /** True where it is known to have been rendered by this program, whatever the file says. */
  rendered: boolean;
};

export type ImportSources = {
  sources: PictureSource[];
  /** What was named but cannot be taken, and why. */
  refused: Refusal[];
};
