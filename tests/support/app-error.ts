/** What a failing action failed with; a success, or a failure that is no AppError, fails the test. */
import { expect } from 'vitest';
import { AppError } from '#contract/errors.ts';

export async function failureOf(action: Promise<unknown>): Promise<AppError> {
  const failure = await action.then(
    () => 'no failure',
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(AppError);
  return failure as AppError;
}
