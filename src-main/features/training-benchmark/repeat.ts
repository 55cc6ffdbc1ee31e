/** Repeated measurement: warm-up, then as many rounds as a budget of time allows, and their median. */
import { wallClock, type Clock } from './timed-backend.ts';

/** Rounds that are thrown away: the first compiles and allocates, the second finds out what else there is to allocate. */
const warmUp = 2;
/** Rounds that are measured however long they take: a median of fewer is none. */
const least = 3;

/** Measures rounds for about `seconds`, after the warm-up. */
export async function repeat<T>(
  round: () => Promise<T>,
  seconds: number,
  clock: Clock = wallClock,
): Promise<T[]> {
  for (let i = 0; i < warmUp; i++) await round();
  const rounds: T[] = [];
  const until = clock() + 1000 * seconds;
  while (rounds.length < least || clock() < until) rounds.push(await round());
  return rounds;
}

/** The middle value, or the mean of the two in the middle; at least one value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle) - 1]!) / 2;
}
