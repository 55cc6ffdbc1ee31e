/** Values of the command line's options. They throw commander's own error, which names the option. */
import { InvalidArgumentError } from 'commander';

/** A whole number within bounds. */
export const whole =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    return value;
  };
export const minutes = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && value <= 100_000))
    throw new InvalidArgumentError('It must be a number of minutes above 0.');
  return value;
};
/** A loss that the run shall fall below. */
export const lossBound = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && value <= 1000))
    throw new InvalidArgumentError('It must be a number above 0 and up to 1000.');
  return value;
};
export const seed = whole(0, 2 ** 31 - 1);

/** Words between commas. */
export const words = (text: string): string[] => {
  const list = text.split(',').map((word) => word.trim());
  if (list.includes('')) throw new InvalidArgumentError('It must be words between commas.');
  return [...new Set(list)];
};
/** `name=value` between commas, of names that there are. */
export const conditions =
  (names: readonly string[]) =>
  (text: string): Record<string, string> =>
    Object.fromEntries(
      words(text).map((word) => {
        const at = word.indexOf('=');
        const name = word.slice(0, Math.max(0, at));
        if (!names.includes(name))
          throw new InvalidArgumentError(`It must be like ${names.map((one) => `${one}=...`).join(', ')}.`);
        return [name, word.slice(at + 1)];
      }),
    );
/** One or two numbers of versions, `1` or `1..2`. */
export const versionRange = (text: string): number[] => {
  const numbers = text.split('..').map(whole(1, 1_000_000));
  if (numbers.length > 2) throw new InvalidArgumentError('It must be like 1 or 1..2.');
  return numbers;
};
/** Numbers of mask kernels between commas. */
export const kernelCounts = (text: string): number[] => words(text).map(whole(1, 16));
/** Seeds between commas. */
export const seeds = (text: string): number[] => words(text).map(seed);
