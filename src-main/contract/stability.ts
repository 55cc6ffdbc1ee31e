/** How a statement on a picture holds when the picture is changed a little. */
import { z } from 'zod';

/** JPEG quality; factor; pixels cut off at the left and the top; standard deviation in pixels; and of 255 levels. */
export const pictureChange = z.object({
  kind: z.enum(['jpeg', 'scale', 'crop', 'blur', 'noise']),
  level: z.number().positive(),
});
export type PictureChange = z.infer<typeof pictureChange>;

/**
 * Against the verdict stand `lost` and `opposite`. `weaker`: the ratio no longer reaches the band, where that stands against
 * nothing. `none`: there is no ratio, so that nothing can be said.
 */
export const stabilityOutcome = z.enum(['holds', 'weaker', 'lost', 'opposite', 'none']);

export const stabilityRow = pictureChange.extend({
  /** Hardly seen by a viewer; validation pictures of both classes went through such ones. */
  mild: z.boolean(),
  /** Null where the changed picture cannot be judged. */
  score: z.number().nullable(),
  llr: z.number().nullable(),
  /** Null where the picture itself has no verdict that could change. */
  outcome: stabilityOutcome.nullable(),
  /** Why there is no ratio; empty otherwise. */
  reason: z.string(),
});
export type StabilityRow = z.infer<typeof stabilityRow>;

export const stability = z.object({
  /** Of the rule and its list of changes. */
  version: z.number().int().positive(),
  parameters: z.object({
    /** The band of no verdict, and the ratio from which one speaks for the other side; natural logarithms. */
    band: z.number().nullable(),
    opposite: z.number(),
    /** The least share of mild changes after which there must be a ratio. */
    share: z.number(),
    /** How a changed picture was saved again. */
    saved: z.string(),
  }),
  /** Null where there was no verdict that could be unstable. */
  stable: z.boolean().nullable(),
  /** In sentences. */
  reason: z.string(),
  /** Empty where the changed pictures could not be judged. */
  rows: z.array(stabilityRow),
  ms: z.number(),
});
export type Stability = z.infer<typeof stability>;

/** When it is looked at: for pictures that would get a verdict of `real` or `simulated`, for all, or for none. */
export const stabilityWhen = z.enum(['verdicts', 'always', 'never']);
export type StabilityWhen = z.infer<typeof stabilityWhen>;

const pixels = (count: number): string => (count === 1 ? 'one pixel' : `${count} pixels`);

/** "saved as JPEG of quality 95", after "when the picture is". */
export const changeWords = ({ kind, level }: PictureChange): string =>
  ({
    jpeg: `saved as JPEG of quality ${level}`,
    scale: `scaled to ${Math.round(100 * level)} %`,
    crop: `cut by ${pixels(level)} at the left and the top`,
    noise: `given noise of ${level} levels`,
    blur: `blurred by ${pixels(level)}`,
  })[kind];

/** What a change does to the verdict, in words. */
export const outcomeWords: Record<z.infer<typeof stabilityOutcome>, string> = {
  holds: 'holds',
  weaker: 'has too small a ratio',
  lost: 'is lost',
  opposite: 'is contradicted',
  none: 'has no ratio',
};
