/** What windows of the desktop may call: the program's handlers, kept to the places that were chosen. */
import type { PentimentoHandlers } from '#contract/api.ts';
import { guardPaths } from '#features/rpc/guard-paths.ts';
import type { ChosenPaths } from './chosen-paths.ts';

export function desktopHandlers(handlers: PentimentoHandlers, chosen: ChosenPaths): PentimentoHandlers {
  const guarded = guardPaths(handlers, chosen);
  const browse: PentimentoHandlers['system']['browse'] = (input) =>
    input.path === undefined ? chosen.listing() : guarded.system.browse(input);
  return { ...guarded, system: { ...guarded.system, browse } };
}
