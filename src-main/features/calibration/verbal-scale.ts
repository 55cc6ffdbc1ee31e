/**
 * Likelihood ratios in words.
 *
 * Source: ENFSI, "Guideline for evaluative reporting in forensic science", version 3.0, 2015, the verbal scale of its
 * appendix. The words stand beside the number and never instead of it.
 */

const scale: readonly { from: number; words: string }[] = [
  { from: 1_000_000, words: 'extremely strong support' },
  { from: 10_000, words: 'very strong support' },
  { from: 1000, words: 'strong support' },
  { from: 100, words: 'moderately strong support' },
  { from: 10, words: 'moderate support' },
  { from: 2, words: 'weak support' },
];

/** The words for a natural-log likelihood ratio of "simulated" against "real". */
export function verbalScale(llr: number): string {
  // A hair below a step is that step: e^(ln 10) is 10.000000000000002, and e^-(...) may fall short.
  const ratio = Math.exp(Math.abs(llr)) * (1 + 1e-12);
  const step = scale.find(({ from }) => ratio >= from);
  if (!step) return 'no support for either proposition over the other';
  return `${step.words} for ${llr > 0 ? 'simulated rather than real' : 'real rather than simulated'}`;
}

/** "24 times": a ratio of at least one, to two digits, from the size of its natural logarithm. */
export const timesText = (llr: number): string =>
  `${Number(Math.exp(Math.abs(llr)).toPrecision(2)).toLocaleString('en-GB')} times`;
