/** Where a likelihood ratio stands on a strip of natural logarithms: the arithmetic of `RatioScale.svelte`. */

export type RatioMarks = {
  /** Places on the strip, in [0, 1]; `simulated` and `real` are the edges of the band of no verdict. */
  llr: number;
  real: number;
  simulated: number;
  /** The furthest ratios that the validation data support. */
  lower: number;
  upper: number;
};

/** A strip about a ratio of one, wide enough for the band and for whatever the data support. */
export function ratioMarks(
  llr: number,
  { bounds, band }: { bounds: { lower: number; upper: number }; band: number },
): RatioMarks {
  const end = 1.15 * Math.max(band, bounds.upper, -bounds.lower);
  const place = (value: number) => (value + end) / (2 * end);
  return {
    llr: place(llr),
    real: place(-band),
    simulated: place(band),
    lower: place(bounds.lower),
    upper: place(bounds.upper),
  };
}
