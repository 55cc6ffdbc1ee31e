/** A workspace in a temporary folder, closed and removed when the test has ended. */
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { Workspace } from '#storage/workspace.ts';
import { temporaryFolder } from './temporary-folder.ts';

export async function temporaryWorkspace(): Promise<Workspace> {
  const workspace = await Workspace.open(path.join(temporaryFolder(), 'workspace'), { holder: 'the tests' });
  onTestFinished(() => workspace.close());
  return workspace;
}
