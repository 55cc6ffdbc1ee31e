/** Works a run through: takes what waits, highest priority first, has so many under way as its carrier wants, and keeps what becomes of each. */
import { AppError } from '#contract/errors.ts';
import type { JobContext } from '#features/jobs/job.service.ts';
import type { Workspace } from '#storage/workspace.ts';
import type { TriageCarrier } from './carrier.ts';
import { countItems, nextItem, type TriageItemRow } from './triage-item.repository.ts';
import { keepFailure, keepResult, type TriageItem } from './triage-outcome.ts';

/** Failures that the next picture would meet as well; the run ends, and the picture goes on waiting. */
const endsRun = new Set([
  'cancelled',
  'disk_full',
  'workspace_not_writable',
  'workspace_damaged',
  'model_invalid',
  'queue_unreachable',
]);

/**
 * Returns when nothing waits any more, or `signal` is aborted.
 * @throws what ended the run
 */
export async function workThrough(options: {
  workspace: Workspace;
  run: string;
  carrier: TriageCarrier;
  context: JobContext;
  /** Whether a picture with this hash is one that the program rendered. */
  isRendered: (sha256: string) => Promise<boolean>;
  tell: (item: TriageItem) => void;
}): Promise<void> {
  const { workspace, run, carrier, isRendered, tell } = options;
  const { signal, progress } = options.context;
  const { calibration } = carrier.passport;
  const { waiting, judged, failed } = await countItems(workspace.db, run);
  const total = waiting + judged + failed;
  let done = judged + failed;
  let fault: unknown;

  async function outcomeOf(item: TriageItemRow): Promise<TriageItem | null> {
    try {
      const measured = await carrier.measure(item, signal);
      const rendered = await isRendered(measured.sha256);
      return await keepResult(workspace, item, { measured, rendered, calibration });
    } catch (cause) {
      const error = AppError.from(cause);
      if (endsRun.has(error.code)) throw error;
      return keepFailure(workspace, item, error);
    }
  }
  async function finish(item: TriageItemRow): Promise<void> {
    const outcome = await outcomeOf(item);
    await carrier.settled(item.id);
    progress({ done: ++done, total, label: item.path });
    if (outcome) tell(outcome);
  }

  const underWay = new Map<string, Promise<void>>();
  while (!signal.aborted && fault === undefined) {
    const item =
      underWay.size < carrier.ahead ? await nextItem(workspace.db, run, [...underWay.keys()]) : undefined;
    if (!item) {
      if (underWay.size === 0) break;
      await Promise.race(underWay.values());
      continue;
    }
    const work = finish(item)
      .catch((cause: unknown) => void (fault ??= cause))
      .finally(() => underWay.delete(item.id));
    underWay.set(item.id, work);
  }
  await Promise.all(underWay.values());
  if (fault !== undefined && !signal.aborted) throw fault;
}
