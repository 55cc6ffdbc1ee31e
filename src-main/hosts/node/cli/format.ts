/** Text and JSON shapes that several verbs share. */
import type { Progress } from '#contract/common.ts';

/** Rows under a head, columns padded to their widest cell; numbers stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const right = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'),
  );
  return cells
    .map((row) =>
      row
        .map((cell, i) => (right[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `3 real, 2 simulated`: what there is some of. */
export const counts = (record: Partial<Record<string, number>>): string =>
  Object.entries(record)
    .filter(([, count]) => count)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');

/** Seconds as 45 s, 3 min 20 s or 2 h 5 min. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A bar of progress with rate and time left. */
export function progressText({ done, total, rate, etaSeconds, label }: Progress): string {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const bar = '#'.repeat(Math.round(20 * share)).padEnd(20, '.');
  const left = etaSeconds === null ? '' : `, ${duration(etaSeconds)} left`;
  const count = total > 0 ? `${Math.floor(done)}/${total}` : String(Math.floor(done));
  return `[${bar}] ${count}, ${rate.toFixed(1)}/s${left}  ${label.replaceAll(/\p{Cc}/gu, ' ')}`;
}

/** A point in time as people of every country read it. */
export const when = (at: number | null): string =>
  at === null ? '' : new Date(at).toISOString().slice(0, 19).replace('T', ' ');

/** A figure for a person. */
export const figure = (value: number | null): string => (value === null ? '-' : value.toFixed(3));

/** Documents of their own, whose field names are not ours to change. */
const verbatim = new Set(['config', 'overrides', 'passport', 'details']);

/** The value with its field names in snake_case, as the command line's JSON has them. */
export function snakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCase);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      verbatim.has(name) ? inner : snakeCase(inner),
    ]),
  );
}
