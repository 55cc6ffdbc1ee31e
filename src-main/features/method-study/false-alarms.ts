/**
 * How often real photographs are called simulated by a threshold that was set on other real photographs.
 *
 * The test photographs are dealt into two halves. The threshold is the 90th percentile of one half's scores, the rate is
 * measured on the other half; then the halves change places, and the rate stated is over all photographs. Photographs of
 * other sources are measured against the threshold of all test photographs.
 */
import { bootstrapInterval, take, type Interval } from '#engine/evaluation/bootstrap.ts';
import type { Random } from '#engine/random.ts';

/** Share of the photographs that set the threshold which may lie above it. */
export const allowedAlarms = 0.1;

/** The value that a share of the scores lies above; linear between neighbours. */
export function thresholdOf(scores: ArrayLike<number>): number {
  const ascending = Float64Array.from(scores).sort();
  const at = (1 - allowedAlarms) * (ascending.length - 1);
  const [low, high] = [ascending[Math.floor(at)]!, ascending[Math.ceil(at)]!];
  return low + (at - Math.floor(at)) * (high - low);
}

/** Share of the scores above a threshold; null without scores. */
export function shareAbove(scores: ArrayLike<number>, threshold: number): number | null {
  const above = Array.from(scores).filter((score) => score > threshold).length;
  return scores.length > 0 ? above / scores.length : null;
}

/**
 * The rate over both halves, with its 95 % interval over photographs. `scores` stand in the order of the photographs, which
 * are dealt into the halves in turn. Null with fewer than four.
 */
export function falseAlarmRate(
  scores: readonly number[],
  random: Random,
): { value: number | null; interval: Interval | null } {
  const halves = scores.map((_, i) => i % 2);
  const measure = (indices: Int32Array): number | null => {
    const of = (half: number) =>
      take(
        scores,
        indices.filter((index) => halves[index] === half),
      );
    const [first, second] = [of(0), of(1)];
    if (first.length < 2 || second.length < 2) return null;
    const alarms =
      shareAbove(second, thresholdOf(first))! * second.length +
      shareAbove(first, thresholdOf(second))! * first.length;
    return alarms / (first.length + second.length);
  };
  const all = Int32Array.from(scores, (_, i) => i);
  return { value: measure(all), interval: bootstrapInterval(halves, measure, { random }) };
}
