/** An intake that waits: the buttons of its card. */
import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick, type Component } from 'svelte';
import { expect, test } from 'vitest';
import type { Job } from '#contract/job.ts';
import JobCard from '#renderer/components/jobs/JobCard.svelte';
import { jobExample } from '../examples.ts';
import { settle, standInWorkbench } from '../stand-in-client.ts';
import WorkbenchProbe from './WorkbenchProbe.svelte';

async function show(kind: 'intake' | 'import', state: 'running' | 'paused') {
  const asked: string[] = [];
  const job = { ...jobExample(), kind, state, endedAt: null, error: null, result: null } as Job;
  const answer = (what: string) => async () => {
    asked.push(what);
    return job;
  };
  const workbench = standInWorkbench({ jobs: { pause: answer('pause'), resume: answer('resume') } });
  const component = JobCard as unknown as Component<Record<string, unknown>>;
  const { unmount } = render(WorkbenchProbe, { props: { component, workbench, props: { job } } });
  const press = async (name: string): Promise<void> => {
    await fireEvent.click(screen.getByRole('button', { name }));
    await settle();
    await tick();
  };
  return { asked, press, unmount };
}

test('an intake can be paused while it runs and goes on when it waits; other jobs offer neither', async () => {
  const running = await show('intake', 'running');
  await running.press('Pause');
  expect(running.asked).toEqual(['pause']);
  running.unmount();
  const paused = await show('intake', 'paused');
  expect(screen.queryByRole('button', { name: 'Pause' })).toBeNull();
  await paused.press('Go on');
  expect(paused.asked).toEqual(['resume']);
  paused.unmount();
  await show('import', 'running');
  expect(screen.queryByRole('button', { name: 'Pause' })).toBeNull();
});
