/** What a caller learns of a failure: its `ErrorData` and nothing of the program's inside. */
import type { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { AppError, type ErrorData } from '#contract/errors.ts';

/** `runs.start: stop.steps: too small` and so on, one clause an issue. */
function describe(error: z.core.$ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${issue.message}`)
    .join('; ');
}

/**
 * The failure of one call as data.
 *
 * An `AppError` crosses as it is, and so does a file system error that `AppError.from` has a sentence for. Invalid input
 * becomes `invalid_input` with the fields that are wrong. Whatever else was thrown is a fault of the program: the caller
 * gets its place, never its message or its stack, which belong in the log.
 */
export function errorDataOf(error: TRPCError, path: string | undefined): ErrorData {
  const where = path ?? 'a call';
  if (error.cause instanceof AppError) return error.cause.toData();
  if (error.code === 'BAD_REQUEST' && error.cause instanceof z.core.$ZodError)
    return new AppError('invalid_input', `${where} refused its input: ${describe(error.cause)}.`).toData();
  if (error.code === 'NOT_FOUND' || error.code === 'METHOD_NOT_SUPPORTED')
    return new AppError('invalid_input', `There is no such call: ${where}.`).toData();
  if (error.code === 'PARSE_ERROR' || error.code === 'BAD_REQUEST')
    return new AppError('invalid_input', 'The message could not be read.').toData();
  const known = AppError.from(error.cause ?? error);
  if (known.code !== 'internal') return known.toData();
  return new AppError('internal', `The program failed while it handled ${where}.`).toData();
}
