/** Evaluating a model on a manifest of labelled pictures. Nothing is stored: figures are answered, pictures only read. */
import type { Refusal } from '#contract/common.ts';
import { AppError } from '#contract/errors.ts';
import type { Model } from '#contract/model.ts';
import { decodePhotograph } from '#compute/decoding/decode-photograph.ts';
import { readMask } from '#compute/decoding/read-mask.ts';
import { Random } from '#engine/random.ts';
import { describePicture } from '#features/calibration/judged-picture.ts';
import { state } from '#features/calibration/state.ts';
import { openDetector, type Detector } from '#inference/detector-session.ts';
import { judgePhotograph } from '#inference/judge-photograph.ts';
import { evaluateRows, type Figures, type JudgedRow } from './figures.ts';
import { readManifest, type ManifestRow } from './manifest.ts';
import { mapCounts } from './picture-mask.ts';

export interface EvaluationResult {
  model: Model;
  pictures: number;
  failed: Refusal[];
  overall: Figures;
  categories: ({ category: string } & Figures)[];
}
export interface EvaluationDependencies {
  models: {
    resolve(reference?: string): Promise<Model>;
    verifiedPath(model: Model): Promise<string>;
  };
}
export interface EvaluationOptions {
  signal: AbortSignal;
  progress: (done: number, total: number, label: string) => void;
}

export class EvaluationService {
  readonly #models: EvaluationDependencies['models'];

  constructor({ models }: EvaluationDependencies) {
    this.#models = models;
  }

  /**
   * Judges every picture of the manifest and works the figures out. What cannot be judged is listed; the others go on.
   * Errors: those of `readManifest`, `model_missing`, `model_invalid`, `cancelled`.
   */
  async evaluate(
    request: { manifest: string; model?: string; seed: number },
    { signal, progress }: EvaluationOptions,
  ): Promise<EvaluationResult> {
    const rows = await readManifest(request.manifest);
    const model = await this.#models.resolve(request.model);
    const detector = await openDetector(await this.#models.verifiedPath(model), { name: model.name });
    const judged: JudgedRow[] = [];
    const failed: Refusal[] = [];
    try {
      for (const [index, row] of rows.entries()) {
        signal.throwIfAborted();
        progress(index, rows.length, row.shownPath);
        try {
          judged.push(await judgeRow(row, detector, signal));
        } catch (cause) {
          const error = AppError.from(cause);
          if (error.code === 'cancelled' || error.code === 'model_invalid') throw error;
          failed.push({ path: row.shownPath, error: error.toData() });
        }
      }
    } finally {
      await detector.dispose();
    }
    progress(rows.length, rows.length, '');
    if (judged.length === 0)
      throw new AppError(
        'invalid_input',
        `None of the ${rows.length} pictures could be judged: ${failed[0]!.error.message}`,
      );
    return { model, pictures: rows.length, failed, ...evaluateRows(judged, new Random(request.seed)) };
  }
}

async function judgeRow(row: ManifestRow, detector: Detector, signal: AbortSignal): Promise<JudgedRow> {
  const { image, format, rendered } = await decodePhotograph(row.path);
  // The mask is looked at first: a picture whose mask is wrong is not half counted.
  const mask = row.mask === null ? null : await readMask(row.mask, image);
  const judgement = await judgePhotograph(detector, image, { signal });
  const { score, tiles, features } = judgement;
  const picture = await describePicture(row.path, { image, format, rendered });
  const { calibration } = detector.passport;
  const { llr, verdict } = state({ score, tiles, features, picture, calibration });
  return {
    simulated: row.simulated,
    category: row.category,
    group: row.group === null ? `picture ${row.path}` : `group ${row.group}`,
    ...{ score, llr, verdict },
    map: mask && mapCounts(mask, image.width, judgement),
  };
}
