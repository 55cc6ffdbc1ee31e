/**
 * The rows of the method's study: which parts of the method are on. Each is a set of overrides of the training's default
 * configuration, so that a row says in full how it differs from the whole method.
 */
import { AppError } from '#contract/errors.ts';
import { z } from 'zod';

export interface Variant {
  /** What the row is called in tables and files; one letter for those of the study itself. */
  name: string;
  /** A few plain words. */
  title: string;
  /** Fields of the training configuration that differ from its defaults. */
  overrides: Readonly<Record<string, unknown>>;
}

/** What the rows but the last set outright, so that a changed default does not slip into them. */
const base = { selfReferenceShare: 0 };
/** Where nothing is styled, all places of a batch go to the other kind: only their sum counts. */
const noStyle = { ...base, stylePerBatch: 2, blendsPerBatch: 14 };
/** The traditional way: one fixed forgery kind, pasted with feathered edges, and no generator. */
const fixedForgeries = { ...noStyle, generatorMode: 'none', drawnMasks: 'feathered' };
const noMapLosses = { lambdaSimilarity: 0, lambdaFused: 0, lambdaDiversity: 0 };

export const studyVariants: readonly Variant[] = [
  {
    name: 'a',
    title: 'spatial branch only, one fixed forgery kind (the traditional way)',
    overrides: { ...fixedForgeries, ...noMapLosses, frequencyBands: 'none' },
  },
  {
    name: 'b',
    title: 'a + frequency branches',
    overrides: { ...fixedForgeries, ...noMapLosses, frequencyBands: 'both' },
  },
  {
    name: 'c',
    title: 'b + map losses',
    overrides: { ...fixedForgeries, frequencyBands: 'both' },
  },
  {
    name: 'd',
    title: 'c with learned masks: generator, blend only',
    overrides: { ...noStyle, generatorMode: 'blend', replayShare: 0 },
  },
  {
    name: 'e',
    title: 'd + style transfer',
    overrides: { ...base, generatorMode: 'both', replayShare: 0 },
  },
  { name: 'f', title: 'the whole method: e + drawn masks with hard edges', overrides: base },
  {
    name: 'g',
    title: 'the whole method, adversarial term off',
    overrides: { ...base, adversarial: 0, generatorSimilarity: 0 },
  },
  {
    name: 'h',
    title: 'the whole method, with self-reference hosts',
    overrides: { selfReferenceShare: 0.5 },
  },
];

const invalid = (message: string, hint?: string): AppError =>
  new AppError('invalid_input', message, hint === undefined ? {} : { hint });

/** The variants of these names, in the order of `known`. @throws AppError `invalid_input` where one is unknown */
export function chooseVariants(names: readonly string[], known: readonly Variant[]): Variant[] {
  for (const name of names)
    if (!known.some((variant) => variant.name === name))
      throw invalid(
        `There is no row "${name}".`,
        `The rows are ${known.map((variant) => variant.name).join(', ')}.`,
      );
  return known.filter(({ name }) => names.includes(name));
}

const named = z
  .string()
  .regex(/^[\w+.-]{2,40}$/, 'a name has 2 to 40 letters, digits, or one of _ + . -')
  .refine(
    (name) => !studyVariants.some((variant) => variant.name === name),
    'the study itself uses that name',
  );
const variantFile = z.strictObject({
  name: named,
  title: z.string().min(1).optional(),
  overrides: z.record(z.string(), z.unknown()),
});

/**
 * A further row, or several, from the text of a JSON file: `{name, title?, overrides}` or a list of such.
 * @throws AppError `invalid_input`
 */
export function parseVariants(text: string, file: string): Variant[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(`${file} is not JSON: ${(cause as Error).message}.`);
  }
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const variants = list.map((item) => {
    const parsed = variantFile.safeParse(item);
    if (parsed.success)
      return { ...parsed.data, title: parsed.data.title ?? describe(parsed.data.overrides) };
    const issue = parsed.error.issues[0]!;
    throw invalid(
      `${file}: ${[...issue.path, issue.message].join(': ')}.`,
      'The file holds {"name": ..., "title": ..., "overrides": {...}}, or a list of such.',
    );
  });
  if (new Set(variants.map(({ name }) => name)).size < variants.length)
    throw invalid(`${file} gives one name to two rows.`);
  return variants;
}

/** A further row from `field=value,field=value`; numbers are read as numbers. @throws AppError `invalid_input` */
export function variantWith(name: string, fields: string): Variant {
  const checked = named.safeParse(name);
  if (!checked.success) throw invalid(`"${name}": ${checked.error.issues[0]!.message}.`);
  const overrides = Object.fromEntries(
    fields.split(',').map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw invalid(`"${pair}" is not of the form field=value.`);
      const text = pair.slice(at + 1).trim();
      const value = text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
      return [pair.slice(0, at).trim(), value];
    }),
  );
  return { name, title: describe(overrides), overrides };
}

const describe = (overrides: Readonly<Record<string, unknown>>): string =>
  `the whole method with ${Object.entries(overrides)
    .map(([field, value]) => `${field} ${String(value)}`)
    .join(', ')}`;
