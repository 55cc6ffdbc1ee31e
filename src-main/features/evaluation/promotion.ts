/**
 * What changes where one model takes another's place: every picture that both gave a verdict on, in evaluations on the same
 * manifest and in the workspace's own verdicts, on which they differ. Pictures that only one of them saw cannot be compared;
 * their number is told.
 */
import type { VerdictLabel } from '#contract/detection.ts';
import type { Promotion } from '#contract/evaluation.ts';
import type { Workspace } from '#storage/workspace.ts';
import { EvaluationRepository } from './evaluation.repository.ts';

type Said = { path: string; verdict: VerdictLabel; simulated: boolean | null; thumbnail: string | null };

export async function promotionOf(
  workspace: Pick<Workspace, 'db' | 'audit'>,
  from: string | null,
  to: string,
): Promise<Promotion> {
  if (from === null || from === to) return { from: null, to, compared: 0, unseen: 0, changes: [] };
  const [before, after] = await Promise.all([from, to].map((id) => saidBy(workspace, id)));
  const changes: Promotion['changes'] = [];
  let compared = 0;
  for (const [key, { path, verdict, simulated, thumbnail }] of before!) {
    const other = after!.get(key);
    if (!other) continue;
    compared++;
    if (other.verdict !== verdict)
      changes.push({
        ...{ path, simulated, from: verdict, to: other.verdict },
        thumbnail: thumbnail ?? other.thumbnail,
      });
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
    for (const { path, verdict, simulated, thumbnail } of rows)
      said.set(`${manifestSha256} ${path}`, { path, verdict, simulated, thumbnail });
  const verdicts = await workspace.db
    .selectFrom('verdicts')
    .leftJoin('evidence_items', 'evidence_items.id', 'verdicts.evidence_id')
    .select(['verdicts.sha256', 'verdicts.path', 'verdicts.verdict', 'evidence_items.thumbnail'])
    .where('model_id', '=', modelId)
    .orderBy('verdicts.sequence', 'asc')
    .execute();
  for (const { sha256, path, verdict, thumbnail } of verdicts)
    said.set(sha256, { path, verdict, simulated: null, thumbnail });
  return said;
}
