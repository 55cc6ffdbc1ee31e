/** Looking after the workspace on the settings page. */
import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick, type Component } from 'svelte';
import { expect, test } from 'vitest';
import { AppError } from '#contract/errors.ts';
import type { Job } from '#contract/job.ts';
import KeepingCard from '#renderer/components/settings/KeepingCard.svelte';
import { hash as hashOf } from '../examples.ts';
import { settle, standInWorkbench, type Answers } from '../stand-in-client.ts';
import WorkbenchProbe from './WorkbenchProbe.svelte';

const hash = hashOf('a');
const nothing = { files: 0, bytes: 0, listed: [], digest: hash, stored: { files: 3, bytes: 9 } };
async function show(answers: Answers): Promise<void> {
  const workbench = standInWorkbench({
    backups: { list: async () => ({ backups: [], problem: null }) },
    retention: { plan: async () => nothing },
    ...answers,
  });
  render(WorkbenchProbe, {
    props: { component: KeepingCard as unknown as Component<Record<string, unknown>>, workbench, props: {} },
  });
  await settle();
  await tick();
}

test('a verification is started and its result named, with the first wrong entry', async () => {
  const report = {
    ...{ ok: false, at: 1, head: { entries: 9, hash }, firstWrongEntry: 4, moreFindings: 0 },
    checked: { entries: 9, results: 2, references: 0, blobs: 3, bytes: 9, checkpoints: 0 },
    timeStamps: [
      {
        ...{ id: 't', head: { entries: 3, hash }, at: 0, accuracyMs: null, chain: 'not-judged' },
        ...{
          authority: 'CN=Stamper',
          issuer: 'CN=Root',
          certificateSha256: hash,
          serial: '1',
          policy: '1.2',
        },
        ...{ token: hash, importedAt: 1 },
      },
    ],
    findings: [{ severity: 'error', area: 'log', message: 'Entry 4 is missing.', entry: 4 }],
  } as const;
  const job = {
    ...{ id: 'j', kind: 'verification', title: 'Verify', state: 'done', progress: null, error: null },
    ...{ createdAt: 1, endedAt: 2, result: report },
  } as unknown as Job;
  await show({
    verification: { start: async () => ({ jobId: 'j' }) },
    jobs: {
      watch: (_, { event, end }) => {
        queueMicrotask(() => {
          event(job);
          end?.();
        });
        return () => undefined;
      },
    },
  });
  await fireEvent.click(screen.getByText('Verify the workspace'));
  await settle();
  await tick();
  const status = screen.getByText('The workspace is not what was written.').closest('[role=status]');
  expect(status?.textContent).toContain('First wrong entry: 4');
  expect(status?.textContent).toContain('Entry 4 is missing.');
  expect(status?.textContent).toContain(
    'Entries 1 to 3 were there at 1970-01-01T00:00:00.000Z, says CN=Stamper; whether its certificate can be trusted was not judged',
  );
});

test('what would be removed is shown, and removed only after it was confirmed', async () => {
  const collected: unknown[] = [];
  const listed = [{ hash, bytes: 2048, kind: 'derived' as const, storedAt: 1 }];
  await show({
    retention: {
      plan: async () => (collected.length === 0 ? { ...nothing, files: 1, bytes: 2048, listed } : nothing),
      collect: async (input) => {
        collected.push(input);
        return { files: 1, bytes: 2048 };
      },
    },
  });
  await fireEvent.click(screen.getByText('Remove…'));
  await tick();
  expect(screen.getByText(hash.slice(0, 16))).toBeTruthy();
  expect(collected).toEqual([]);
  await fireEvent.click(screen.getByText('Remove them'));
  await settle();
  await tick();
  expect(collected).toEqual([{ digest: hash }]);
  expect(screen.getByText('Nothing would be removed.')).toBeTruthy();
});

test('a scheduled backup that was not made is told of with its remedy', async () => {
  const problem = new AppError('disk_full', 'There is no space left.').toData();
  await show({ backups: { list: async () => ({ backups: [], problem }) } });
  expect(screen.getByRole('alert').textContent).toContain('There is no space left. Free some space');
});
