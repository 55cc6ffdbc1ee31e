/** What became of a picture of a run, written in one transaction with the end of its waiting: it is judged once, or failed. */
import type { AppError } from '#contract/errors.ts';
import type { Refusal } from '#contract/common.ts';
import type { ModelCalibration } from '#contract/calibration.ts';
import type { Stability } from '#contract/stability.ts';
import { triageRules, type TriageResult } from '#contract/triage.ts';
import type { MeasuredPicture } from '#contract/triage-queue.ts';
import { weighLook } from '#features/calibration/stability-look.ts';
import { state, type Stated, type StateInput } from '#features/calibration/state.ts';
import type { Workspace } from '#storage/workspace.ts';
import { settleItem, type TriageItemRow } from './triage-item.repository.ts';
import { toTriageResult } from './triage-mapping.ts';
import { insertResult, resultOf } from './triage-result.repository.ts';
import { findRun } from './triage-run.repository.ts';

/** What a run says of each picture as it ends. */
export type TriageItem = { kind: 'result'; result: TriageResult } | { kind: 'failure'; refusal: Refusal };

/** What a verdict says that nobody has tried how it holds. */
export const notLookedAt =
  'Whether this holds under small changes of the picture was not looked at; have it judged in full before it is relied on.';

/** The statement, whose reason says of a verdict how it held, or that this was not looked at. */
function statementOf(
  input: StateInput,
  look: MeasuredPicture['look'],
): { stated: Stated; stability: Stability | null } {
  const before = state(input);
  const { calibration, picture } = input;
  const stability =
    look && weighLook(look, { verdict: before.verdict, calibration, rendered: picture.rendered });
  const stated = stability ? state({ ...input, stability }) : before;
  if (stated.verdict === 'inconclusive') return { stated, stability };
  return { stated: { ...stated, reason: `${stated.reason} ${stability?.reason ?? notLookedAt}` }, stability };
}

/** Null where the item had ended before, which then stays as it was. */
export async function keepResult(
  { db, audit }: Workspace,
  { id, run_id: run, path: file, category }: TriageItemRow,
  {
    measured,
    ...options
  }: { measured: MeasuredPicture; rendered: boolean; calibration: ModelCalibration | null },
): Promise<TriageItem | null> {
  const { sha256, score, tiles, features, look, camera, taken, provider, ms } = measured;
  const picture = { ...measured.picture, rendered: measured.picture.rendered || options.rendered };
  const input = { score, tiles, features, picture, calibration: options.calibration };
  const { stated, stability } = statementOf(input, look);
  const { verdict, reason, llr } = stated;
  const { width, height, format } = picture;
  const kept = await db.transaction().execute(async (transaction) => {
    if (!(await settleItem(transaction, id, { state: 'judged' }))) return false;
    await insertResult(transaction, {
      ...{ id, run_id: run, path: file, category, provider, judged_at: Date.now() },
      ...{ sha256, verdict, reason, score, llr, tiles, taken, width, height, format, camera },
      stability: stability && JSON.stringify(stability),
      ...{ decode_ms: ms.decode, infer_ms: ms.infer, total_ms: ms.total },
    });
    audit.record(transaction, {
      action: 'triage.item-judged',
      subject: { kind: 'triage', id: run },
      payload: { file, sha256, verdict, score, llr },
      seal: [{ table: 'triage_results', id }],
    });
    return true;
  });
  if (!kept) return null;
  const rules = triageRules.parse(JSON.parse((await findRun(db, run))!.rules));
  return { kind: 'result', result: toTriageResult(await resultOf(db, run, id, rules)) };
}

export async function keepFailure(
  { db, audit }: Workspace,
  { id, run_id: run, path: file }: TriageItemRow,
  error: AppError,
): Promise<TriageItem> {
  const failed = { state: 'failed' as const, error: JSON.stringify(error.toData()) };
  await db.transaction().execute(async (transaction) => {
    if (!(await settleItem(transaction, id, failed))) return;
    audit.record(transaction, {
      action: 'triage.item-failed',
      subject: { kind: 'triage', id: run },
      payload: { file, code: error.code },
    });
  });
  return { kind: 'failure', refusal: { path: file, error: error.toData() } };
}
