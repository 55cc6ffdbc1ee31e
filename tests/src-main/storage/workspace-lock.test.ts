/** The lock of a workspace, between real processes. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { Workspace } from '#storage/workspace.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { startProgram, supportProgram } from '#tests/support/start-program.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

async function holdInAnotherProcess(folder: string): Promise<ChildProcess> {
  const child = startProgram([supportProgram('hold-workspace'), folder]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const [said] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown];
  expect(String(said)).toBe('open\n');
  return child;
}

test('a second program is told who holds the workspace', async () => {
  const folder = temporaryFolder();
  const holder = await holdInAnotherProcess(folder);
  const failure = await failureOf(Workspace.open(folder, { holder: 'the tests' }));
  expect(failure.code).toBe('workspace_locked');
  expect(failure.message).toContain('another program');
  expect(failure.message).toContain(`process ${holder.pid} on ${hostname()}`);
  expect(failure.details).toMatchObject({ holder: { pid: holder.pid, program: 'another program' } });
});

test('the workspace of a program that was killed opens, and says that its work was interrupted', async () => {
  const folder = temporaryFolder();
  const holder = await holdInAnotherProcess(folder);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const workspace = await Workspace.open(folder, { holder: 'the tests' });
  onTestFinished(() => workspace.close());
  const job = await workspace.db.selectFrom('jobs').selectAll().executeTakeFirstOrThrow();
  expect(job).toMatchObject({ id: 'job-of-the-killed', state: 'interrupted' });
  expect(job.ended_at).toBeGreaterThan(1);
  expect(JSON.parse(job.error ?? '')).toMatchObject({ message: expect.stringContaining('ended before') });
});

test('of many programs that want a free workspace at once, exactly one gets it', async () => {
  const folder = temporaryFolder();
  (await Workspace.open(folder, { holder: 'the first' })).close();
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) => Workspace.open(folder, { holder: `program ${index}` })),
  );
  const opened = results.filter((result) => result.status === 'fulfilled');
  for (const result of opened) await result.value.close();
  expect(opened).toHaveLength(1);
  for (const result of results)
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'workspace_locked' });
});

test('the same process cannot open a workspace twice, and can open it again after closing it', async () => {
  const folder = temporaryFolder();
  const first = await Workspace.open(folder, { holder: 'the tests' });
  const failure = await failureOf(Workspace.open(folder, { holder: 'the tests again' }));
  expect(failure.code).toBe('workspace_locked');
  expect(failure.message).toContain('held by the tests (');
  await first.close();
  const second = await Workspace.open(folder, { holder: 'the tests' });
  await second.close();
  await second.close();
});

test('after a refused second opening in the same process the lock still keeps another process out', async () => {
  const folder = temporaryFolder();
  const first = await Workspace.open(folder, { holder: 'the tests' });
  onTestFinished(() => first.close());
  await failureOf(Workspace.open(folder, { holder: 'the tests again' }));
  const child = startProgram([supportProgram('hold-workspace'), folder]);
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const [status] = (await once(child, 'exit')) as [number];
  expect(status).not.toBe(0);
  expect(said).toContain('workspace_locked');
});
