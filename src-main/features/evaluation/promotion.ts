/**
 * What changes where one model takes another's place: every picture that both gave a verdict on, in evaluations on the same
 * manifest and in the workspace's own verdicts, on which they differ. Pictures that only one of them saw cannot be compared;
 * their number is told.
 */
import type { VerdictLabel } from '#contract/detection.ts';
import type { Promotion } from '#contract/evaluation.ts';
import type { Workspace } from '#storage/workspace.ts';
import { EvaluationRepository } from './evaluation.repository.ts';

type Said = { path: string; verdict: VerdictLabel; simulated: boolean | null };

export async function promotionOf(
  workspace: Pick<Workspace, 'db' | 'audit'>,
  from: string | null,
  to: string,
): Promise<Promotion> {
  if (from === null || from === to) return { from: null, to, compared: 0, unseen: 0, changes: [] };
  const [before, after] = await Promise.all([from, to].map((id) => saidBy(workspace, id)));
  const changes: Promotion['changes'] = [];
  let compared = 0;
  for (const [key, { path, verdict, simulated }] of before!) {
    const other = after!.get(key);
    if (!other) continue;
    compared++;
    if (other.verdict !== verdict) changes.push({ path, simulated, from: verdict, to: other.verdict });
  }
  return { from, to, compared, unseen: before!.size - compared, changes };
}

/** The latest verdict of a model on each picture, by what names the picture. */
async function saidBy(
  workspace: Pick<Workspace, 'db' | 'audit'>,
  modelId: string,
): Promise<Map<string, Said>> {
  const said = new Map<string, Said>();
  for (const { manifestSha256, rows } of (
    await new EvaluationRepository(workspace).ofModel(modelId)
  ).toReversed())
    for (const { path, verdict, simulated } of rows)
      said.set(`${manifestSha256} ${path}`, { path, verdict, simulated });
  const verdicts = await workspace.db
    .selectFrom('verdicts')
    .select(['sha256', 'path', 'verdict'])
    .where('model_id', '=', modelId)
    .orderBy('sequence', 'asc')
    .execute();
  for (const { sha256, path, verdict } of verdicts) said.set(sha256, { path, verdict, simulated: null });
  return said;
}
