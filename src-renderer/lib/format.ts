/** Numbers, sizes, durations and dates as people read them. Pure functions; the sentences around them live in `text/`. */

const count = new Intl.NumberFormat('en-GB');
const instant = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** What stands where there is no value. */
export const NONE = '–';

/** An integer in groups of three: 12,345. */
export const formatCount = (value: number): string => count.format(value);

/** Bytes in powers of 1024 with at most one decimal: 3.4 MiB. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** Seconds as 8 s, 3 min 20 s, 2 h 05 min. Anything that is not a finite number of seconds is a dash. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds) || seconds < 0) return NONE;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** Milliseconds as 12 ms or 1.24 s. */
export const formatMilliseconds = (ms: number): string =>
  ms < 1000 ? `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;

/** Date and time in the machine's zone. */
export const formatInstant = (at: number): string => instant.format(at);
/** Time of day with seconds. */
export const formatClock = (at: number): string => clock.format(at);

/** A share in [0, 1] as a percentage with one decimal below ten: 7.4 %, 62 %. */
export function formatShare(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return NONE;
  const percent = share * 100;
  return `${percent < 10 && percent > 0 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

/** A signed number with a true minus sign: +2.31, −0.40. */
export function formatSigned(value: number | null | undefined, digits = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return `${value < 0 ? '\u2212' : '+'}${text}`;
}

/** A measured value with about three significant digits, for axes and legends. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  if (size === 0) return '0';
  const text =
    size >= 10_000 || size < 0.001
      ? value.toExponential(1)
      : value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
  return text.replace('-', '\u2212');
}

/** Values of an axis or a legend, all with the decimals that their distance needs: 0, 0.25, 0.5 as 0.00, 0.25, 0.50. */
export function formatTicks(values: readonly number[]): string[] {
  const finite = values.filter(Number.isFinite);
  const span = Math.max(...finite) - Math.min(...finite);
  const size = Math.max(...finite.map(Math.abs));
  if (finite.length < 2 || span === 0 || size >= 10_000 || span < 0.001) return values.map(formatValue);
  const step = span / (finite.length - 1);
  const needed = [0, 1, 2, 3, 4, 5].find((digits) =>
    finite.every((value) => Math.abs(value - Number(value.toFixed(digits))) < step / 50),
  );
  return values.map((value) => value.toFixed(needed ?? 5).replace('-', '\u2212'));
}

/** The first characters of a hash, for places where the whole does not fit. */
export const shortHash = (hash: string): string => hash.slice(0, 12);

/** A sentence whose numbers do not part from their percent signs at a line's end. */
export const keepTogether = (sentence: string): string => sentence.replaceAll(/(\d) %/g, '$1\u00a0%');

/** The last part of a path of either kind. */
export const fileName = (path: string): string => path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
