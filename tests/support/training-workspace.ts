/** A workspace in which runs train with the fake trainer, over a dataset whose photographs no one ever decodes. */
import { join } from 'node:path';
import { createTrainerHost, type TrainerHost } from '#compute/trainer-host.ts';
import type { Dataset, DatasetFinding } from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import { startRunRequest, type StartRunRequest } from '#contract/training-run.ts';
import { ModelService } from '#features/models/model.service.ts';
import { TrainingRunService } from '#features/training/training-run.service.ts';
import { versionRows } from '#storage/row-seals.ts';
import { Workspace } from '#storage/workspace.ts';
import type { FakeAction } from './fake-trainer.ts';

const fakeTrainer = join(import.meta.dirname, 'fake-trainer.ts');

export interface TrainingWorkspace {
  workspace: Workspace;
  runs: TrainingRunService;
  models: ModelService;
  /** What the dataset holds, and what the guard finds in it; a test may change both. */
  photographs: TrainerPhotograph[];
  findings: DatasetFinding[];
  close(): Promise<void>;
}

export const photographsOf = (counts: { train: number; validation: number }): TrainerPhotograph[] =>
  (['train', 'validation'] as const).flatMap((split) =>
    Array.from({ length: counts[split] }, (_, i) => {
      const sha256 = (i + 1).toString(16).padStart(64, split === 'train' ? 'a' : 'b');
      return { path: `/${sha256}`, sha256, label: 'real' as const, split, category: null, maskPath: null };
    }),
  );

/** Opens (or opens again) such a workspace in `folder`. */
export async function openTrainingWorkspace(
  folder: string,
  {
    trainer = createTrainerHost(fakeTrainer),
    ...options
  }: { stopTimeoutMs?: number; trainer?: TrainerHost } = {},
): Promise<TrainingWorkspace> {
  const workspace = await Workspace.open(folder, { holder: 'a test' });
  const dataset: Dataset = {
    id: 'dataset',
    name: 'test set',
    createdAt: 1,
    rendered: true,
    items: 12,
    labels: { real: 12, reference: 0, simulated: 0, unlabelled: 0 },
    splits: { train: 10, validation: 2, test: 0 },
    manifestHash: 'c'.repeat(64),
    version: { number: 1, frozen: false },
  };
  const version = {
    id: 'version',
    number: 1,
    manifestHash: dataset.manifestHash,
    contentHash: 'd'.repeat(64),
  };
  await workspace.db
    .insertInto('datasets')
    .values({ id: dataset.id, name: dataset.name, created_at: 1, rendered: 1, manifest_hash: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const versions = workspace.db.selectFrom('dataset_versions').select('id');
  if ((await versions.execute()).length === 0)
    await workspace.db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('dataset_versions')
        .values({
          ...{ id: version.id, dataset_id: dataset.id, number: 1, items: 0, created_at: 1, sealed: 1 },
          manifest_hash: version.manifestHash,
          content_hash: version.contentHash,
        })
        .execute();
      workspace.audit.record(transaction, {
        action: 'dataset.version-frozen',
        subject: { kind: 'dataset', id: dataset.id },
        seal: versionRows(version.id),
      });
    });
  const models = new ModelService(workspace);
  const opened: TrainingWorkspace = {
    workspace,
    models,
    findings: [],
    photographs: photographsOf({ train: 10, validation: 2 }).map((photograph) => ({
      ...photograph,
      path: workspace.blobs.pathOf(photograph.sha256),
    })),
    runs: new TrainingRunService({
      workspace,
      trainer,
      datasets: {
        get: async () => dataset,
        photographs: async () => opened.photographs,
        freeze: async () => ({ version, photographs: opened.photographs }),
      },
      guard: { check: async () => opened.findings },
      models,
      resolveConfig: (overrides) => {
        if ('unknown' in overrides) throw new AppError('invalid_input', 'There is no setting "unknown".');
        return { batch: 16 };
      },
      programVersion: '1.2.3',
      ...options,
    }),
    close: async () => {
      await opened.runs.close();
      await workspace.close();
    },
  };
  return opened;
}

/** A request whose run follows `script`, and `resumed` once it goes on from a checkpoint. */
export const scripted = (script: FakeAction[], resumed?: FakeAction[]): StartRunRequest =>
  startRunRequest.parse({
    dataset: 'test set',
    stop: { steps: 100 },
    overrides: { script, ...(resumed ? { resumed } : {}) },
  });
