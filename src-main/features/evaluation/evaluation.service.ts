/**
 * Evaluating a model on a manifest of labelled pictures, which are only read. They are decoded and judged in a process that
 * can be killed and has limits, as those of a case are. What was found is kept with the model.
 */
import { hashFile } from '#storage/hash-file.ts';
import type { Refusal } from '#contract/common.ts';
import { AppError } from '#contract/errors.ts';
import type { Model } from '#contract/model.ts';
import { createExaminer, type Examiner } from '#compute/decoding/examiner.ts';
import { createJudgeHost, type Judge, type JudgeHost } from '#compute/judging/judge-host.ts';
import { perturbations } from '#compute/perturbations.ts';
import { tierOf } from '#engine/evaluation/compression-tier.ts';
import { Random } from '#engine/random.ts';
import type { JudgedPicture } from '#features/calibration/judged-picture.ts';
import { state } from '#features/calibration/state.ts';
import type { Workspace } from '#storage/workspace.ts';
import { compareRows, type Comparison } from './comparison.ts';
import { EvaluationRepository } from './evaluation.repository.ts';
import { evaluateRows, type Evaluation, type JudgedRow } from './figures.ts';
import { leaveOneCategoryOut, leaveOneSourceOut, type LeftOut } from './left-out.ts';
import { readManifest, type ManifestRow } from './manifest.ts';
import { robustnessOf, type PerturbedRow, type RobustnessPoint } from './robustness.ts';

export interface EvaluationResult extends Evaluation {
  /** Of what is kept with the model. */
  id: string;
  model: Model;
  /** ONNX Runtime's execution provider; all that judged, where one gave way to another. */
  provider: string;
  pictures: number;
  failed: Refusal[];
  rows: JudgedRow[];
  leaveOneCategoryOut: LeftOut[];
  leaveOneSourceOut: LeftOut[];
  /** Against another model on the same pictures, from that one to this one; null where none was asked for. */
  comparison: ({ model: Model } & Comparison) | null;
  /** Null where it was not asked for. */
  robustness: RobustnessPoint[] | null;
}
export interface EvaluationRequest {
  manifest: string;
  model?: string;
  /** Another model, which is judged on the same pictures. */
  compare?: string;
  /** Judge every picture also after each of the small changes; some fifteen times the work. */
  robustness?: boolean;
  /** Decides the draws of the intervals. */
  seed: number;
}
export interface EvaluationDependencies {
  workspace: Pick<Workspace, 'db' | 'audit' | 'blobs'>;
  models: {
    resolve(reference?: string): Promise<Model>;
    verifiedPath(model: Model): Promise<string>;
  };
  judging?: JudgeHost;
  examiner?: Examiner;
  programVersion: string;
}
export interface EvaluationOptions {
  signal: AbortSignal;
  progress: (done: number, total: number, label: string) => void;
}

export class EvaluationService {
  readonly #models: EvaluationDependencies['models'];
  readonly #judging: JudgeHost;
  readonly #repository: EvaluationRepository;
  readonly #programVersion: string;
  readonly #blobs: Workspace['blobs'];
  readonly #examiner: Examiner;

  constructor(dependencies: EvaluationDependencies) {
    const { workspace, models, programVersion, judging = createJudgeHost() } = dependencies;
    this.#programVersion = programVersion;
    this.#blobs = workspace.blobs;
    this.#examiner = dependencies.examiner ?? createExaminer();
    this.#models = models;
    this.#judging = judging;
    this.#repository = new EvaluationRepository(workspace);
  }

  /**
   * Judges every picture of the manifest, works the figures out, and keeps them with the model. What cannot be judged is
   * listed; the others go on.
   * Errors: those of `readManifest`, `model_missing`, `model_invalid`, `cancelled`.
   */
  async evaluate(request: EvaluationRequest, options: EvaluationOptions): Promise<EvaluationResult> {
    const rows = await readManifest(request.manifest);
    const model = await this.#models.resolve(request.model);
    const other = request.compare === undefined ? null : await this.#models.resolve(request.compare);
    const total = rows.length * (other ? 2 : 1);
    const robust = request.robustness ?? false;
    const { judged, failed, perturbed, provider } = await this.#judge(rows, model, {
      ...options,
      ...{ total, before: 0, robustness: robust },
    });
    if (judged.length === 0)
      throw new AppError(
        'invalid_input',
        `None of the ${rows.length} pictures could be judged: ${failed[0]!.error.message}`,
      );
    const others = other
      ? await this.#judge(rows, other, { ...options, total, before: rows.length, robustness: false })
      : null;
    const thumbnails = await this.#thumbnails(rows, judged, options.signal);
    options.progress(total, total, '');
    const random = new Random(request.seed);
    const found = {
      ...evaluateRows(judged, random),
      leaveOneCategoryOut: leaveOneCategoryOut(judged, random.fork('categories')),
      leaveOneSourceOut: leaveOneSourceOut(judged, random.fork('sources')),
      robustness: robust ? robustnessOf(judged, perturbed, random.fork('robustness')) : null,
    };
    const manifest = { path: request.manifest, sha256: await hashFile(request.manifest) };
    const { seed } = request;
    const id = await this.#repository.insert(model, {
      ...{ manifest, seed, provider, programVersion: this.#programVersion },
      configuration: { robustness: robust, comparedWith: other?.sha256 ?? null },
      ...{ rows: judged, thumbnails, figures: found },
    });
    return {
      ...found,
      ...{ id, model, provider, failed, pictures: rows.length, rows: judged },
      comparison: other && others ? { model: other, ...compareRows(others.judged, judged) } : null,
    };
  }

  /**
   * Of the pictures that were called one way or the other, by their paths in the manifest: those that may be shown as mistakes,
   * or as changed where another model is compared. One that cannot be made is left out.
   */
  async #thumbnails(
    manifest: readonly ManifestRow[],
    judged: readonly JudgedRow[],
    signal: AbortSignal,
  ): Promise<Map<string, string>> {
    const made = new Map<string, string>();
    const files = new Map(manifest.map(({ shownPath, path }) => [shownPath, path]));
    for (const { path, verdict } of judged) {
      signal.throwIfAborted();
      if (verdict === 'inconclusive') continue;
      const examined = await this.#examiner.examine(files.get(path)!).catch(() => null);
      if (!examined) continue;
      const { hash } = await this.#blobs.put(examined.thumbnail, 'image/webp', 'derived');
      made.set(path, hash);
    }
    return made;
  }

  async #judge(
    rows: readonly ManifestRow[],
    model: Model,
    work: EvaluationOptions & { total: number; before: number; robustness: boolean },
  ): Promise<{ judged: JudgedRow[]; failed: Refusal[]; perturbed: PerturbedRow[]; provider: string }> {
    const { signal, progress, total, before, robustness } = work;
    const judge = await this.#judging.open({
      path: await this.#models.verifiedPath(model),
      name: `The model "${model.name}"`,
    });
    const judged: JudgedRow[] = [];
    const failed: Refusal[] = [];
    const perturbed: PerturbedRow[] = [];
    const providers = new Set<string>();
    try {
      for (const [index, row] of rows.entries()) {
        signal.throwIfAborted();
        progress(before + index, total, row.shownPath);
        try {
          const found = await judgeRow(row, judge, { signal, robustness });
          judged.push(found.row);
          providers.add(found.provider);
          perturbed.push(...found.perturbed);
        } catch (cause) {
          const error = AppError.from(cause);
          if (error.code === 'cancelled' || error.code === 'model_invalid') throw error;
          failed.push({ path: row.shownPath, error: error.toData() });
        }
      }
    } finally {
      await judge.close();
    }
    return { judged, failed, perturbed, provider: [...providers].join('; ') };
  }
}

/** A row of what was found of a picture, or of what became of it after a change. */
function rowOf(
  row: ManifestRow,
  picture: JudgedPicture,
  { judge, judged }: { judge: Judge; judged: { score: number; tiles: number; features: number[] } },
): JudgedRow {
  const { score, tiles, features } = judged;
  const { llr, verdict } = state({
    ...{ score, tiles, features, picture },
    calibration: judge.passport.calibration,
  });
  return {
    path: row.shownPath,
    simulated: row.simulated,
    category: row.category,
    source: row.source,
    tier: tierOf(picture.format, picture.quality),
    group: row.group === null ? `picture ${row.path}` : `group ${row.group}`,
    ...{ score, llr, verdict },
    map: null,
  };
}

async function judgeRow(
  row: ManifestRow,
  judge: Judge,
  { signal, robustness }: { signal: AbortSignal; robustness: boolean },
): Promise<{ row: JudgedRow; perturbed: PerturbedRow[]; provider: string }> {
  const subject = { file: row.path, name: row.shownPath };
  const mask = row.mask === null ? {} : { mask: row.mask };
  const { facts, traits, judgement, map, provider } = await judge.judge(
    { ...subject, ...mask, depth: 'score' },
    { signal },
  );
  const { width, height, format, rendered } = facts;
  const picture = { width, height, format, ...traits, rendered };
  const changed = robustness
    ? await judge.judgeChanges({ ...subject, changes: [...perturbations] }, { signal })
    : [];
  // A picture that a change makes too small is not counted there.
  const perturbed = changed.flatMap(({ change, picture: saved, judged }) =>
    judged ? [{ change, row: rowOf(row, { ...saved, rendered }, { judge, judged }) }] : [],
  );
  return { row: { ...rowOf(row, picture, { judge, judged: judgement }), map }, perturbed, provider };
}
