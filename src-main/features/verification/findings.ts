/** Collects what the checks find. */
import type { VerificationFinding } from '#contract/verification.ts';

/** Findings of a report; more are only counted. */
const reported = 200;

type Detail = { entry?: number };

export class Findings {
  readonly #errors: VerificationFinding[] = [];
  readonly #notices: VerificationFinding[] = [];
  #firstWrongEntry: number | null = null;

  error(area: VerificationFinding['area'], message: string, { entry }: Detail = {}): void {
    this.#errors.push({ severity: 'error', area, message, entry: entry ?? null });
    if (entry !== undefined && (area === 'log' || area === 'head' || area === 'time-stamps'))
      this.#firstWrongEntry = Math.min(entry, this.#firstWrongEntry ?? entry);
  }

  notice(area: VerificationFinding['area'], message: string, { entry }: Detail = {}): void {
    this.#notices.push({ severity: 'notice', area, message, entry: entry ?? null });
  }

  report() {
    const all = [...this.#errors, ...this.#notices];
    return {
      ok: this.#errors.length === 0,
      firstWrongEntry: this.#firstWrongEntry,
      findings: all.slice(0, reported),
      moreFindings: Math.max(0, all.length - reported),
    };
  }
}
