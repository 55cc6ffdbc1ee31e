/** The program's handlers for windows that may not choose freely on the host's disk: a place that was not allowed is refused. */
import { api, type PentimentoHandlers } from '#contract/api.ts';
import type { ApiDefinition } from '#contract/api-definition.ts';
import { AppError } from '#contract/errors.ts';
import { namedPaths, type PathUse } from '#contract/host-path.ts';

/** Which places calls may name. */
export interface AllowedPaths {
  allows(path: string, use: PathUse): Promise<boolean>;
}

type AnyHandler = (input: unknown, signal?: AbortSignal) => unknown;

/** @throws AppError, from the guarded calls, `path_not_chosen`; nothing of the place is looked at then */
export function guardPaths(handlers: PentimentoHandlers, allowed: AllowedPaths): PentimentoHandlers {
  const groups = Object.entries(api as ApiDefinition).map(([group, procedures]) => {
    const own = handlers[group as keyof PentimentoHandlers] as unknown as Record<string, AnyHandler>;
    const guarded = Object.entries(procedures)
      .filter(([, { kind }]) => kind !== 'subscription')
      .map(([name, { input: schema }]) => {
        const guard: AnyHandler = async (input) => {
          for (const { path, use } of namedPaths(schema, input))
            if (!(await allowed.allows(path, use)))
              throw new AppError('path_not_chosen', `${path} was not chosen in this session.`);
          return own[name]?.(input);
        };
        return [name, guard];
      });
    return [group, { ...own, ...Object.fromEntries(guarded) }];
  });
  return Object.fromEntries(groups) as unknown as PentimentoHandlers;
}
