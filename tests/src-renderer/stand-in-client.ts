/** A client whose answers a test gives, procedure by procedure; what was not given rejects, so nothing is assumed. */
import { api, type PentimentoClient } from '#contract/api.ts';
import { Router } from '#renderer/app/router.svelte.ts';
import { Connection } from '#renderer/lib/connection.svelte.ts';
import { createWorkbench, type Workbench } from '#renderer/lib/context.ts';

export type Answers = {
  [G in keyof PentimentoClient]?: Partial<PentimentoClient[G]>;
};

export function standInClient(answers: Answers): PentimentoClient {
  const groups = Object.entries(api).map(([group, procedures]) => {
    const given = (answers as Record<string, Record<string, unknown> | undefined>)[group] ?? {};
    const calls = Object.entries(procedures).map(([name, { kind }]) => {
      const absent =
        kind === 'subscription'
          ? () => () => undefined
          : () => Promise.reject(new Error(`The test gave no answer for ${group}.${name}.`));
      return [name, given[name] ?? absent] as const;
    });
    return [group, Object.fromEntries(calls)] as const;
  });
  return Object.fromEntries(groups) as PentimentoClient;
}

export function standInWorkbench(answers: Answers = {}): Workbench {
  return createWorkbench(standInClient(answers), new Router(), new Connection());
}

/** Lets promises that are already settled, and what hangs on them, run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}
