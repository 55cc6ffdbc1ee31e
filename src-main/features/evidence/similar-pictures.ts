/**
 * The search for near-duplicates: every perceptual hash of the workspace in two packed arrays, each compared with the one
 * that is looked for. 100,000 comparisons take about a millisecond, so that nothing cleverer is needed. Items are never
 * taken away and their hashes never change, so that reading what was added since keeps the arrays true.
 */
import type { EvidenceRepository, HashRow } from './evidence.repository.ts';

export type Match = { sequence: number; distance: number };

export class SimilarPictures {
  readonly #repository: EvidenceRepository;
  readonly #cases = new Map<string, number>();
  #high = new Uint32Array(0);
  #low = new Uint32Array(0);
  #sequence = new Float64Array(0);
  #case = new Uint32Array(0);
  #count = 0;

  constructor(repository: EvidenceRepository) {
    this.#repository = repository;
  }

  /**
   * Items whose hash differs from `hash` (16 hexadecimal digits) in at most `distance` of 64 bits, the nearest first, then
   * in the order in which they were taken in. `caseId` null means every case.
   */
  async find(hash: string, distance: number, caseId: string | null): Promise<Match[]> {
    await this.#refresh();
    const [high, low] = halves(hash);
    const wanted = caseId === null ? null : (this.#cases.get(caseId) ?? -1);
    const matches: Match[] = [];
    for (let at = 0; at < this.#count; at++) {
      const differing = ones(this.#high[at]! ^ high) + ones(this.#low[at]! ^ low);
      if (differing <= distance && (wanted === null || this.#case[at] === wanted))
        matches.push({ sequence: this.#sequence[at]!, distance: differing });
    }
    return matches.sort((a, b) => a.distance - b.distance || a.sequence - b.sequence);
  }

  async #refresh(): Promise<void> {
    const last = this.#count === 0 ? 0 : this.#sequence[this.#count - 1]!;
    const rows = await this.#repository.hashesAfter(last);
    // Another search may have read the same rows meanwhile.
    const known = this.#count === 0 ? 0 : this.#sequence[this.#count - 1]!;
    for (const row of rows) if (row.sequence > known) this.#add(row);
  }

  #add(row: HashRow): void {
    if (this.#count === this.#high.length) this.#grow();
    const [high, low] = halves(row.perceptual_hash);
    this.#high[this.#count] = high;
    this.#low[this.#count] = low;
    this.#sequence[this.#count] = row.sequence;
    const number = this.#cases.get(row.case_id) ?? this.#cases.size;
    this.#cases.set(row.case_id, number);
    this.#case[this.#count] = number;
    this.#count++;
  }

  #grow(): void {
    const length = Math.max(1024, this.#high.length * 2);
    const longer = <T extends Uint32Array | Float64Array>(array: T, empty: T): T => {
      empty.set(array);
      return empty;
    };
    this.#high = longer(this.#high, new Uint32Array(length));
    this.#low = longer(this.#low, new Uint32Array(length));
    this.#sequence = longer(this.#sequence, new Float64Array(length));
    this.#case = longer(this.#case, new Uint32Array(length));
  }
}

const halves = (hash: string): [number, number] => [
  parseInt(hash.slice(0, 8), 16),
  parseInt(hash.slice(8), 16),
];

/** How many of 32 bits are set (H. S. Warren, Hacker's Delight, figure 5-2). */
function ones(bits: number): number {
  const pairs = bits - ((bits >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
