/**
 * Finds pictures that look alike: the same one re-saved, resized or slightly edited, by difference hashes that differ in few
 * bits. It does not find mirrored, turned or strongly cropped copies.
 */
import { hammingDistance } from '#compute/decoding/examine-photograph.ts';

/** Difference hashes this near mean the same picture, re-saved or resized. */
export const nearDistance = 4;
/** A hash with fewer bits set, or fewer not set, is that of an almost even surface, which any other one resembles. */
const leastBits = 8;
/** Ends of five pieces of a hash. Of two hashes that differ in four bits, at least one piece is equal. */
const cuts = [0, 4, 7, 10, 13, 16];
const empty = '0'.repeat(16);

/** Whether a hash says anything of its picture. */
const isTelling = (hash: string): boolean => {
  const bits = hammingDistance(hash, empty);
  return bits >= leastBits && bits <= 64 - leastBits;
};

/** Values by their hashes (16 hexadecimal digits). Only values that share a piece of the hash are ever compared. */
export class NearIndex<T> {
  readonly #pieces = cuts.slice(1).map(() => new Map<string, { hash: string; value: T }[]>());

  add(hash: string, value: T): void {
    if (!isTelling(hash)) return;
    for (const [piece, buckets] of this.#pieces.entries()) {
      const key = hash.slice(cuts[piece], cuts[piece + 1]);
      const bucket = buckets.get(key);
      if (bucket) bucket.push({ hash, value });
      else buckets.set(key, [{ hash, value }]);
    }
  }

  /** Each value whose hash differs in at most `nearDistance` bits, once. */
  near(hash: string): T[] {
    if (!isTelling(hash)) return [];
    const found = new Set<T>();
    for (const [piece, buckets] of this.#pieces.entries())
      for (const other of buckets.get(hash.slice(cuts[piece], cuts[piece + 1])) ?? [])
        if (hammingDistance(hash, other.hash) <= nearDistance) found.add(other.value);
    return [...found];
  }
}
