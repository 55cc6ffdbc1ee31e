/**
 * Validation pictures that go with a model as what a judged picture may be compared to: of a few photographs, in each tier, the
 * untouched one and one of its forgeries, each with its features and the hash of its photograph. No pixels, and no names: the
 * workspace knows those of the photographs that it holds.
 */
import type { ReferencePicture } from '#contract/model.ts';
import type { JudgedForgeries } from './judge-validation.ts';

/** Each adds some 800 bytes to the passport. */
const MOST_PHOTOGRAPHS = 30;

/** @param hashes of the photographs, in the order in which they were judged */
export function chooseReferences(
  { items, photographs }: JudgedForgeries,
  hashes: readonly string[],
): ReferencePicture[] {
  const step = Math.max(1, Math.ceil(photographs / MOST_PHOTOGRAPHS));
  const of = Map.groupBy(items, ({ photograph, tier }) => `${photograph} ${tier}`);
  return [...of.values()].flatMap(([untouched, ...forgeries]) => {
    const { photograph } = untouched!;
    if (photograph % step !== 0) return [];
    const forged = forgeries[Math.floor(photograph / step) % Math.max(1, forgeries.length)];
    return [untouched!, ...(forged ? [forged] : [])].map(({ tier, category, features }) => ({
      photograph: hashes[photograph]!,
      ...{ tier, category },
      features: features.map((value) => Number(value.toPrecision(5))),
    }));
  });
}
