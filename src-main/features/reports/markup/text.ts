/** Numbers and times as a report writes them: the same on every machine, whatever its language and time zone. */
import { markup, type Html } from './html.ts';

export const utc = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** The same on two lines. */
export const utcLines = (at: number): Html => {
  const [day = '', time = ''] = utc(at).split(/ (.*)/);
  return markup`${day}<br>${time}`;
};

/** In groups of three. */
export const whole = (value: number): string => String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ',');

/** With a true minus sign. */
export const decimal = (value: number, digits = 2): string => value.toFixed(digits).replace('-', '\u2212');

/** About three significant digits. */
export function measured(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 10_000 || size < 0.001) return value.toExponential(1).replaceAll('-', '\u2212');
  return decimal(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

/** A likelihood ratio of at least one from the size of its natural logarithm, to two digits. */
export const ratio = (llr: number): string => {
  const value = Number(Math.exp(Math.abs(llr)).toPrecision(2));
  return value < 10 ? decimal(value, 1) : whole(value);
};

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${whole(count)} ${count === 1 ? one : many}`;
