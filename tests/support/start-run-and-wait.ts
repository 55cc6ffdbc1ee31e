/** A program that starts a run in the workspace named by its argument and tells the run's events on stdout, until it is killed. */
import { openTrainingWorkspace, scripted } from './training-workspace.ts';
import type { FakeAction } from './fake-trainer.ts';

const [, , folder, script] = process.argv;
const { runs } = await openTrainingWorkspace(folder!);
const events = runs.watch(undefined)[Symbol.asyncIterator]();
const first = events.next();
await runs.start(scripted(JSON.parse(script!) as FakeAction[]));
for (let next = await first; !next.done; next = await events.next()) {
  const event = next.value;
  const what = event.type === 'run' ? `run ${event.run.id} ${event.run.state}` : event.type;
  process.stdout.write(`${what}\n`);
}
