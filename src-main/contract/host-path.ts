/**
 * Places on the host's disk that a call may name. They are marked in the schemas themselves, so that a host which must
 * not let its pages choose freely (the desktop) finds every one of them.
 */
import { z } from 'zod';

/** What a call does with a place that it names. */
export type PathUse = 'read' | 'write';

/** `id`: what names no place, though it stands where one may. */
const marks = z.registry<{ use: PathUse; id?: RegExp }>();
const path = (use: PathUse) => z.string().min(1).max(4096).register(marks, { use });

/** A file or folder that is read. */
export const pathToRead = path('read');
/** A file or folder that is made. */
export const pathToWrite = path('write');

/** The id of a model, or an ONNX file that is read. */
export const modelReference = z
  .string()
  .min(1)
  .max(4096)
  .register(marks, { use: 'read', id: /^[0-9a-hjkmnp-z]{18}$/ });

export type NamedPath = { path: string; use: PathUse };
/** The part of a schema that the walk needs; Zod's own declarations of it are generic beyond use. */
type Definition = {
  type: string;
  innerType?: z.ZodType;
  element?: z.ZodType;
  valueType?: z.ZodType;
  shape?: Record<string, z.ZodType>;
  options?: readonly z.ZodType[];
};

/**
 * Every place that a valid input names. Of a union, all options count, because a place too many that has to be allowed
 * does no harm.
 */
export function namedPaths(schema: z.ZodType, input: unknown): NamedPath[] {
  const mark = marks.get(schema);
  if (mark) {
    const named = typeof input === 'string' && !mark.id?.test(input);
    return named ? [{ path: input, use: mark.use }] : [];
  }
  const { innerType, element, valueType, shape, options } = schema._zod.def as unknown as Definition;
  if (innerType) return namedPaths(innerType, input);
  if (options) return options.flatMap((option) => namedPaths(option, input));
  if (element) return Array.isArray(input) ? input.flatMap((value) => namedPaths(element, value)) : [];
  if (typeof input !== 'object' || input === null) return [];
  if (valueType) return Object.values(input).flatMap((value) => namedPaths(valueType, value));
  if (!shape) return [];
  return Object.entries(shape).flatMap(([key, field]) =>
    namedPaths(field, (input as Record<string, unknown>)[key]),
  );
}
