/** The program's handlers as the command line calls them: inputs are validated as they are for every other host. */
import { api, type PentimentoHandlers } from '#contract/api.ts';
import type { AnyProcedure, ApiDefinition } from '#contract/api-definition.ts';
import { AppError } from '#contract/errors.ts';

/** The same handlers; an input that does not fit the contract is an AppError `invalid_input`, and defaults are filled in. */
export function checkedHandlers(handlers: PentimentoHandlers): PentimentoHandlers {
  const groups = Object.entries(api as ApiDefinition).map(([group, procedures]) => {
    const own = handlers[group as keyof PentimentoHandlers] as Record<
      string,
      (...args: unknown[]) => unknown
    >;
    const checked = Object.entries(procedures).map(([name, declared]) => [
      name,
      (input: unknown, ...rest: unknown[]) => own[name]!(parsed(declared, input), ...rest),
    ]);
    return [group, Object.fromEntries(checked)];
  });
  return Object.fromEntries(groups) as PentimentoHandlers;
}

function parsed(declared: AnyProcedure, input: unknown): unknown {
  const result = declared.input.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const place = issue.path.join('.');
  throw new AppError('invalid_input', `${place === '' ? 'The input' : place}: ${issue.message}.`);
}
