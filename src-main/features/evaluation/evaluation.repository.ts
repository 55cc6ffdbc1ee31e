/** Evaluations in the database, each sealed by the entry that recorded it. */
import { compressionTier } from '#contract/calibration.ts';
import {
  evaluatedPicture,
  evaluationFigure,
  modelEvaluation,
  type EvaluatedPicture,
} from '#contract/evaluation.ts';
import type { Model } from '#contract/model.ts';
import { newId } from '#storage/new-id.ts';
import type { Workspace } from '#storage/workspace.ts';
import { z } from 'zod';
import type { Evaluation, JudgedRow } from './figures.ts';
import type { LeftOut } from './left-out.ts';
import type { RobustnessPoint } from './robustness.ts';

const counts = z.object({ real: z.number().int(), simulated: z.number().int() });
const leftOut = z.object({
  left_out: z.string(),
  counts,
  figures: z.object({ auc: evaluationFigure, cllr: evaluationFigure, misleading: evaluationFigure }),
});
/** Of the kept figures, what is read again. */
const keptFigures = z.object({
  overall: z.object({ figures: z.record(z.string(), evaluationFigure) }),
  categories: z.array(
    z.object({
      category: z.string(),
      counts: z.object({ simulated: z.number().int() }),
      figures: z.record(z.string(), evaluationFigure),
    }),
  ),
  tiers: z
    .array(
      z.object({
        tier: z.union([compressionTier, z.literal('other')]),
        counts,
        figures: z.record(z.string(), evaluationFigure),
      }),
    )
    .default([]),
  leaveOneCategoryOut: z.array(leftOut).default([]),
  leaveOneSourceOut: z.array(leftOut).default([]),
  robustness: modelEvaluation.shape.robustness.default(null),
});

export interface KeptEvaluation {
  id: string;
  modelId: string;
  createdAt: number;
  manifest: string;
  manifestSha256: string;
  rows: EvaluatedPicture[];
  figures: z.infer<typeof keptFigures>;
}
export type FoundFigures = Evaluation & {
  leaveOneCategoryOut: LeftOut[];
  leaveOneSourceOut: LeftOut[];
  robustness: RobustnessPoint[] | null;
};

export class EvaluationRepository {
  readonly #workspace: Pick<Workspace, 'db' | 'audit'>;

  constructor(workspace: Pick<Workspace, 'db' | 'audit'>) {
    this.#workspace = workspace;
  }

  /** Answers with its id. */
  async insert(
    model: Model,
    found: {
      manifest: { path: string; sha256: string };
      seed: number;
      programVersion: string;
      provider: string;
      configuration: { robustness: boolean; comparedWith: string | null };
      rows: readonly JudgedRow[];
      /** Of pictures, by their paths in the manifest. */
      thumbnails: ReadonlyMap<string, string>;
      figures: FoundFigures;
    },
  ): Promise<string> {
    const id = newId();
    const { manifest, seed } = found;
    const rows = found.rows.map((row) =>
      evaluatedPicture.parse({ ...row, thumbnail: found.thumbnails.get(row.path) ?? null }),
    );
    const { db, audit } = this.#workspace;
    await db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('model_evaluations')
        .values({
          ...{ id, model_id: model.id, created_at: Date.now(), seed },
          ...{ manifest: manifest.path, manifest_sha256: manifest.sha256 },
          pictures: JSON.stringify(rows),
          figures: JSON.stringify(found.figures),
          program_version: found.programVersion,
          provider: found.provider,
          configuration: JSON.stringify(found.configuration),
        })
        .execute();
      audit.record(transaction, {
        action: 'model.evaluated',
        subject: { kind: 'model', id: model.id },
        payload: {
          ...{ evaluation: id, manifest: manifest.path, manifest_sha256: manifest.sha256 },
          ...{ pictures: rows.length, model: model.sha256 },
        },
        seal: [{ table: 'model_evaluations', id }],
      });
    });
    return id;
  }

  /** Of a model, newest first. */
  async ofModel(modelId: string): Promise<KeptEvaluation[]> {
    const found = await this.#workspace.db
      .selectFrom('model_evaluations')
      .selectAll()
      .where('model_id', '=', modelId)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .execute();
    return found.map((row) => ({
      ...{ id: row.id, modelId: row.model_id, createdAt: row.created_at },
      ...{ manifest: row.manifest, manifestSha256: row.manifest_sha256 },
      rows: z.array(evaluatedPicture).parse(JSON.parse(row.pictures)),
      figures: keptFigures.parse(JSON.parse(row.figures)),
    }));
  }
}
