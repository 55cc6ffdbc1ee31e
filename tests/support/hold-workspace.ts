/**
 * A program of its own that opens the workspace named by its argument, begins a job in it, says `open`, and stays
 * until it is killed.
 */
import { Workspace } from '#storage/workspace.ts';

const [folder = ''] = process.argv.slice(2);
const workspace = await Workspace.open(folder, { holder: 'another program' });
await workspace.db
  .insertInto('jobs')
  .values({
    id: 'job-of-the-killed',
    kind: 'import',
    title: 'Import',
    state: 'running',
    progress: null,
    result: null,
    error: null,
    created_at: 1,
    started_at: 1,
    ended_at: null,
  })
  .execute();
process.stdout.write('open\n');
setInterval(() => undefined, 1000);
