/**
 * Training runs: starts, resumes, stops and shows them. One run trains at a time, in a process of its own; a run goes on
 * whether or not anybody watches it.
 */
import type { JsonObject } from '#contract/audit.ts';
import type { Dataset, DatasetFinding } from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import type { Model } from '#contract/model.ts';
import type { TrainerPhotograph, TrainerStart } from '#contract/trainer-messages.ts';
import type {
  RunEvent,
  RunLogEntry,
  RunMetric,
  RunSample,
  StartRunRequest,
  TrainingRun,
} from '#contract/training-run.ts';
import type { TrainerHost } from '#compute/trainer-host.ts';
import type { GuardOptions } from '#features/datasets/dataset-guard.ts';
import type { FrozenDataset } from '#features/datasets/dataset.service.ts';
import { newId } from '#storage/new-id.ts';
import { runRows } from '#storage/row-seals.ts';
import type { Workspace } from '#storage/workspace.ts';
import { RunChannel } from './run-channel.ts';
import { RunCheckpoints } from './run-checkpoints.ts';
import { RunConductor } from './run-conductor.ts';
import { toMetric, toRun } from './run-mapping.ts';
import { forTraining, readPhotographList, requireEnough, writePhotographList } from './run-photographs.ts';
import { RunRecorder } from './run-recorder.ts';
import { TrainingRunRepository, type CheckpointRow } from './training-run.repository.ts';
import { trainerSettings } from './trainer-settings.ts';
import { TrainingPaceService } from './training-pace.service.ts';

/** Bytes of a dataset that are hashed again before a run; the trainer hashes each file whenever it reads it. */
const hashAtMost = 4 * 2 ** 30;

export interface TrainingRunDependencies {
  workspace: Workspace;
  trainer: TrainerHost;
  datasets: {
    /** By id or name; raises `not_found`. */
    get(dataset: string): Promise<Dataset>;
    /** Its labelled photographs as they are now. */
    photographs(dataset: string): Promise<TrainerPhotograph[]>;
    /** Makes it, as it is now, a version that never changes. */
    freeze(dataset: string): Promise<FrozenDataset>;
  };
  guard: { check(dataset: string, options: GuardOptions): Promise<DatasetFinding[]> };
  models: { register(model: { runId: string; name: string; path: string }): Promise<Model> };
  /** The whole effective configuration under these overrides; raises `invalid_input` for those that do not exist. */
  resolveConfig: (overrides: Record<string, unknown>) => Record<string, unknown>;
  programVersion: string;
  /** How long a trainer that was asked to stop may take until it is killed. */
  stopTimeoutMs?: number;
}

const notRunning = (id: string, state: string): AppError =>
  new AppError('run_not_active', `The run ${id} is not running: it is ${state}.`);

export class TrainingRunService {
  readonly #dependencies: TrainingRunDependencies;
  readonly #repository: TrainingRunRepository;
  readonly #checkpoints: RunCheckpoints;
  readonly #recorder: RunRecorder;
  readonly #conductor: RunConductor;
  /** Told before a run begins; a run that does ends a probe that goes on. */
  readonly paces: TrainingPaceService;
  readonly #channel = new RunChannel();
  #closing = false;

  constructor(dependencies: TrainingRunDependencies) {
    const { workspace, trainer, models, stopTimeoutMs } = dependencies;
    this.#dependencies = dependencies;
    this.#repository = new TrainingRunRepository(workspace.db);
    this.#checkpoints = new RunCheckpoints(this.#repository, (id) => workspace.runFolder(id));
    this.#recorder = new RunRecorder({
      repository: this.#repository,
      checkpoints: this.#checkpoints,
      blobs: workspace.blobs,
      channel: this.#channel,
    });
    this.#conductor = new RunConductor({
      workspace,
      repository: this.#repository,
      recorder: this.#recorder,
      trainer,
      models,
      publish: async (id) => this.#channel.publish({ type: 'run', run: await this.get(id) }),
      ...(stopTimeoutMs === undefined ? {} : { stopTimeoutMs }),
    });
    this.paces = new TrainingPaceService({
      ...dependencies,
      runs: () => this.list(),
      busy: () => this.#closing || this.#conductor.ids().length > 0,
    });
  }

  /** Newest first. */
  async list(): Promise<TrainingRun[]> {
    return (await this.#repository.list()).map((row) => toRun(row, this.#conductor.holds(row.id)));
  }

  /** @throws AppError `not_found` */
  async get(id: string): Promise<TrainingRun> {
    const row = await this.#repository.find(id);
    if (!row) throw new AppError('not_found', `There is no run ${id}.`);
    return toRun(row, this.#conductor.holds(id));
  }

  /** Of this step and later, in order: every point, or at most `points` means of neighbours. */
  async metrics(id: string, sinceStep = 0, points?: number): Promise<RunMetric[]> {
    const rows =
      points === undefined
        ? await this.#repository.metrics(id, sinceStep)
        : await this.#repository.thinnedMetrics(id, sinceStep, points);
    return rows.map(toMetric);
  }

  async sampleSteps(id: string): Promise<number[]> {
    return this.#repository.sampleSteps(id);
  }

  async samples(id: string, step: number): Promise<RunSample[]> {
    return (await this.#repository.samples(id, step)).map((text) => JSON.parse(text) as RunSample);
  }

  async log(id: string): Promise<RunLogEntry[]> {
    const rows = await this.#repository.log(id);
    return rows.map(({ at, level, code, message }) => ({ at, level, code, message }));
  }

  /**
   * First the run (or all runs, newest first) as it is now, then every event until `signal` is aborted.
   * @throws AppError `not_found` at the first step
   */
  watch(id: string | undefined, signal?: AbortSignal): AsyncIterable<RunEvent> {
    const snapshot = async (): Promise<RunEvent[]> => {
      const runs = id === undefined ? await this.list() : [await this.get(id)];
      return runs.map((run) => ({ type: 'run', run }));
    };
    return this.#channel.watch(id, snapshot, signal);
  }

  /** Waits until this program no longer holds the run, however it ended. */
  async settled(id: string): Promise<TrainingRun> {
    await this.#conductor.settled(id);
    return this.get(id);
  }

  /**
   * Freezes the dataset as it is, and trains on that version.
   * @throws AppError `not_found`, `dataset_too_small`, `invalid_input`, `dataset_findings` where the dataset guard finds what
   *   no run should be trained on, and the request does not say why it is done all the same
   */
  async start(request: StartRunRequest): Promise<TrainingRun> {
    this.#refuseWhileClosing();
    const { workspace, datasets, resolveConfig, programVersion } = this.#dependencies;
    const config = resolveConfig(request.overrides);
    const dataset = await datasets.get(request.dataset);
    const findings = await this.#guard(dataset, request);
    const { version, photographs: all } = await datasets.freeze(dataset.id);
    const photographs = forTraining(all);
    requireEnough(photographs, dataset.name);
    const now = Date.now();
    const id = newId(now);
    await this.paces.endProbe();
    await this.#conductor.admit(id, async () => {
      await writePhotographList(workspace.runFolder(id), workspace.folder, photographs);
      const row = {
        id,
        dataset_id: dataset.id,
        dataset_name: dataset.name,
        rendered: dataset.rendered ? 1 : 0,
        dataset_manifest_hash: version.manifestHash,
        dataset_version_id: version.id,
        state: 'queued',
        created_at: now,
        started_at: null,
        ended_at: null,
        request: JSON.stringify(request),
        config: JSON.stringify(config),
        backend: null,
        error: null,
        program_version: programVersion,
      } as const;
      await workspace.db.transaction().execute(async (transaction) => {
        await this.#repository.insert(transaction, row);
        workspace.audit.record(transaction, {
          action: 'run.started',
          subject: { kind: 'run', id },
          payload: {
            dataset: {
              ...{ id: dataset.id, name: dataset.name, version: version.number },
              ...{ manifestHash: version.manifestHash, contentHash: version.contentHash },
            },
            findings: findings.map(({ code, blocking, items }) => ({ code, blocking, items: items.length })),
            request: request as JsonObject,
            config: config as JsonObject,
            programVersion,
          },
          open: runRows(id),
        });
      });
      await this.#noteFindings(id, findings, request);
      return this.#startMessage(await this.get(id), photographs, null);
    });
    return this.get(id);
  }

  /** What the guard finds; throws where it must not be trained on. */
  async #guard(dataset: Dataset, { despiteFindings }: StartRunRequest): Promise<DatasetFinding[]> {
    const findings = await this.#dependencies.guard.check(dataset.id, { hashAtMost });
    const blocking = findings.filter((finding) => finding.blocking);
    if (blocking.length > 0 && despiteFindings === undefined)
      throw new AppError(
        'dataset_findings',
        `The dataset "${dataset.name}" must not be trained on as it is: ${blocking.map(({ message }) => message).join(' ')}`,
        { details: { findings: blocking.map(({ code, message, remedy }) => ({ code, message, remedy })) } },
      );
    return findings;
  }

  /** The log begins with what the guard found, and with why it is trained on all the same. */
  async #noteFindings(
    id: string,
    findings: readonly DatasetFinding[],
    { despiteFindings }: StartRunRequest,
  ): Promise<void> {
    for (const { severity, blocking, code, message } of findings)
      await this.#note(id, severity === 'info' && !blocking ? 'info' : 'warning', code, message);
    if (despiteFindings !== undefined && findings.some(({ blocking }) => blocking))
      await this.#note(
        id,
        'warning',
        'despite_findings',
        `It is trained on all the same: ${despiteFindings}`,
      );
  }

  /**
   * Goes on from the newest intact checkpoint, with the photographs that the run began with. A run that ended before its
   * first checkpoint begins again.
   * @throws AppError `not_found`, `run_active`, `run_not_resumable`
   */
  async resume(id: string): Promise<TrainingRun> {
    this.#refuseWhileClosing();
    await this.paces.endProbe();
    await this.#conductor.admit(id, async () => {
      const { state } = await this.get(id);
      if (state === 'done')
        throw new AppError('run_not_resumable', `The run ${id} is done: there is nothing left to train.`);
      const { workspace } = this.#dependencies;
      const photographs = await readPhotographList(workspace.runFolder(id), workspace.folder);
      const checkpoint = await this.#checkpointToGoOnFrom(id);
      const step = checkpoint?.step ?? 0;
      await workspace.db.transaction().execute(async (transaction) => {
        await this.#repository.rewind(transaction, id, step, {
          state: 'queued',
          ended_at: null,
          error: null,
          trained_seconds: checkpoint?.trained_seconds ?? 0,
        });
        workspace.audit.record(transaction, {
          action: 'run.resumed',
          subject: { kind: 'run', id },
          payload: { step, checkpoint: checkpoint?.sha256 ?? null },
          open: runRows(id),
        });
      });
      const from = checkpoint ? `from the checkpoint of step ${checkpoint.step}` : 'from the beginning';
      await this.#note(id, 'info', 'run_resumed', `The run goes on ${from}.`);
      return this.#startMessage(
        await this.get(id),
        photographs,
        checkpoint && this.#checkpoints.pathOf(checkpoint),
      );
    });
    return this.get(id);
  }

  /**
   * Asks the run to end at its next safe point and answers at once; `settled` waits for the end. One that is paused has
   * ended its work already, and becomes `interrupted`.
   * @throws AppError `not_found`, `run_not_active`
   */
  async stop(id: string): Promise<TrainingRun> {
    if (!this.#conductor.holds(id)) await this.#endPaused(await this.get(id));
    else await this.#conductor.stop(id);
    return this.get(id);
  }

  /**
   * Asks the run to wait at its next safe point, with a checkpoint, and answers at once. It gives its memory back and lets
   * the next run train; `resume` goes on with it, also after the program was ended.
   * @throws AppError `not_found`, `run_not_active`
   */
  async pause(id: string): Promise<TrainingRun> {
    const { state } = await this.get(id);
    if (!this.#conductor.holds(id)) throw notRunning(id, state);
    await this.#conductor.stop(id, 'paused');
    return this.get(id);
  }

  async #endPaused({ id, state, step }: TrainingRun): Promise<void> {
    if (state !== 'paused') throw notRunning(id, state);
    const { workspace } = this.#dependencies;
    await workspace.db.transaction().execute(async (transaction) => {
      await this.#repository.update(id, { state: 'interrupted', ended_at: Date.now() }, transaction);
      workspace.audit.record(transaction, {
        action: 'run.ended',
        subject: { kind: 'run', id },
        payload: { state: 'interrupted', step },
        seal: runRows(id),
      });
    });
    this.#channel.publish({ type: 'run', run: await this.get(id) });
  }

  /** Takes no more runs, ends those that there are at their next safe points as `interrupted`, and waits for them. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.paces.endProbe();
    const ids = this.#conductor.ids();
    await Promise.all(ids.map((id) => this.#conductor.stop(id)));
    await Promise.all(ids.map((id) => this.#conductor.settled(id)));
  }

  #refuseWhileClosing(): void {
    if (this.#closing) throw new AppError('cancelled', 'The program is closing.');
  }

  async #note(id: string, level: RunLogEntry['level'], code: string, message: string): Promise<void> {
    await this.#recorder.log(id, { at: Date.now(), level, code, message });
  }

  /** Null where the run never wrote one; raises `run_not_resumable` where it did and none is intact. */
  async #checkpointToGoOnFrom(id: string): Promise<CheckpointRow | null> {
    const { checkpoint, damaged } = await this.#checkpoints.newestIntact(id);
    for (const { step, why } of damaged)
      await this.#note(
        id,
        'warning',
        'checkpoint_damaged',
        `The checkpoint of step ${step} is passed over: ${why}.`,
      );
    if (!checkpoint && damaged.length > 0)
      throw new AppError(
        'run_not_resumable',
        `No checkpoint of the run ${id} is intact (${damaged.length} tried).`,
      );
    return checkpoint;
  }

  #startMessage(run: TrainingRun, photographs: TrainerPhotograph[], resumeFrom: string | null): TrainerStart {
    return {
      ...trainerSettings(run.request, photographs, this.#dependencies),
      rendered: run.rendered,
      runId: run.id,
      datasetName: run.datasetName,
      datasetManifestHash: run.datasetManifestHash,
      ...(run.datasetVersion ? { datasetVersion: run.datasetVersion } : {}),
      stop: run.request.stop,
      directory: this.#dependencies.workspace.runFolder(run.id),
      resumeFrom,
      trainedSeconds: run.trainedSeconds,
    };
  }
}
