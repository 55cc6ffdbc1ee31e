/** Evaluating models as a job of the workbench. */
import type { Refusal } from '#contract/common.ts';
import type { EvaluationReport } from '#contract/evaluation.ts';
import type { Model } from '#contract/model.ts';
import type { JobService } from '#features/jobs/job.service.ts';
import type { EvaluationService } from './evaluation.service.ts';

export interface EvaluationJobDependencies {
  jobs: JobService;
  evaluations: EvaluationService;
  models: { get(id: string): Promise<Model> };
}
/** The draws of the intervals, as the command line has them by default. */
const SEED = 0;

/** @throws AppError `not_found` where a model is not there; what the list lacks fails the job */
export async function startEvaluation(
  { jobs, evaluations, models }: EvaluationJobDependencies,
  { manifest, models: ids, robustness }: { manifest: string; models: string[]; robustness: boolean },
): Promise<{ jobId: string }> {
  const names = (await Promise.all(ids.map((id) => models.get(id)))).map(({ name }) => `“${name}”`);
  const jobId = await jobs.run('evaluation', `Evaluation of ${names.join(' and ')}`, async (context) => {
    const { signal, progress } = context;
    const report: EvaluationReport = { evaluations: [], failed: [] };
    const failed = new Map<string, Refusal>();
    for (const [place, model] of ids.entries()) {
      const found = await evaluations.evaluate(
        { manifest, model, robustness, seed: SEED },
        {
          signal,
          progress: (done, total, label) =>
            progress({ done: place * total + done, total: ids.length * total, label }),
        },
      );
      report.evaluations.push({ id: found.id, modelId: model, judged: found.rows.length });
      for (const refusal of found.failed) failed.set(refusal.path, refusal);
    }
    return { ...report, failed: [...failed.values()] };
  });
  return { jobId };
}
