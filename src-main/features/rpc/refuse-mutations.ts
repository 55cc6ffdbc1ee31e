/** The program's handlers over a workspace that is open for reading only: what would change anything says why it cannot. */
import { api, type PentimentoHandlers } from '#contract/api.ts';
import type { ApiDefinition } from '#contract/api-definition.ts';
import type { AppError } from '#contract/errors.ts';

/** Mutations that change nothing which is kept. */
const harmless = new Set([
  'verification.start',
  'jobs.cancel',
  'system.choose',
  'system.chooseTarget',
  'desktop.offer',
  'diagnostics.collect',
]);

export function refuseMutations(handlers: PentimentoHandlers, reason: AppError): PentimentoHandlers {
  const refuse = async (): Promise<never> => {
    throw reason;
  };
  const groups = Object.entries(api as ApiDefinition).map(([group, procedures]) => {
    const refused = Object.entries(procedures)
      .filter(([name, { kind }]) => kind === 'mutation' && !harmless.has(`${group}.${name}`))
      .map(([name]) => [name, refuse]);
    return [group, { ...handlers[group as keyof PentimentoHandlers], ...Object.fromEntries(refused) }];
  });
  return Object.fromEntries(groups) as PentimentoHandlers;
}
