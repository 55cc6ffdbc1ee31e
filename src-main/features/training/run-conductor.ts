/**
 * Conducts the runs that this program holds: those that wait and the one that trains. It starts the trainer process,
 * has its messages written down, and writes how the run ended. Runs wait in the order in which they came.
 */
import { AppError, type ErrorCode } from '#contract/errors.ts';
import type { Model } from '#contract/model.ts';
import type { TrainerStart } from '#contract/trainer-messages.ts';
import type { TrainerHost, TrainerOutcome, TrainerSession } from '#compute/trainer-host.ts';
import { runRows } from '#storage/row-seals.ts';
import type { Workspace } from '#storage/workspace.ts';
import type { RunRecorder } from './run-recorder.ts';
import type { TrainingRunRepository } from './training-run.repository.ts';

export interface ConductorDependencies {
  workspace: Pick<Workspace, 'db' | 'audit'>;
  repository: TrainingRunRepository;
  recorder: RunRecorder;
  trainer: TrainerHost;
  models: { register(model: { runId: string; name: string; path: string }): Promise<Model> };
  /** Tells those who watch how the run is now. */
  publish: (id: string) => Promise<void>;
  /** How long a trainer that was asked to stop may take until it is killed. */
  stopTimeoutMs?: number;
}

interface HeldRun {
  id: string;
  /** Null while it is being prepared. */
  start: TrainerStart | null;
  /** Null until it trains. */
  session: TrainerSession | null;
  stopped: boolean;
  /** How it ends where it was asked to stop: for good, or to go on when a person wants it to. */
  stopsAs: 'interrupted' | 'paused';
  ended: PromiseWithResolvers<void>;
}
interface Ending {
  state: 'done' | 'failed' | 'interrupted' | 'paused';
  error: AppError | null;
}

/** Failures of the surroundings, after which a run can go on from its last checkpoint as it is. */
const interrupting = new Set<ErrorCode>(['out_of_memory', 'backend_lost', 'batches_failed']);

export class RunConductor {
  readonly #dependencies: ConductorDependencies;
  readonly #held = new Map<string, HeldRun>();
  #training: HeldRun | null = null;

  constructor(dependencies: ConductorDependencies) {
    this.#dependencies = dependencies;
  }

  holds(id: string): boolean {
    return this.#held.has(id);
  }

  ids(): string[] {
    return [...this.#held.keys()];
  }

  /**
   * Takes the run in and lets it wait for its turn. `prepare` writes its row as `queued` and answers with the message
   * that starts the trainer; where it throws, the run is let go.
   * @throws AppError `run_active` where the run is held already
   */
  async admit(id: string, prepare: () => Promise<TrainerStart>): Promise<void> {
    if (this.#held.has(id)) throw new AppError('run_active', `The run ${id} is not over yet.`);
    const held: HeldRun = {
      ...{ id, start: null, session: null, stopped: false, stopsAs: 'interrupted' as const },
      ended: Promise.withResolvers(),
    };
    this.#held.set(id, held);
    try {
      held.start = await prepare();
      await this.#dependencies.publish(id);
    } catch (error) {
      this.#held.delete(id);
      held.ended.resolve();
      throw error;
    }
    if (held.stopped) await this.#end(held, { state: held.stopsAs, error: null });
    else this.#trainNext();
  }

  /**
   * Asks the run to end at its next safe point, without waiting for it. A run that is not held is left alone; the first
   * request decides what it becomes.
   */
  async stop(id: string, stopsAs: HeldRun['stopsAs'] = 'interrupted'): Promise<void> {
    const held = this.#held.get(id);
    if (!held) return;
    const waiting = held.start !== null && held.session === null && !held.stopped;
    if (!held.stopped) held.stopsAs = stopsAs;
    held.stopped = true;
    if (held.session) void held.session.stop(this.#dependencies.stopTimeoutMs);
    else if (waiting) await this.#end(held, { state: held.stopsAs, error: null });
  }

  /** Waits until the run is no longer held, however it ended. */
  async settled(id: string): Promise<void> {
    await this.#held.get(id)?.ended.promise;
  }

  #trainNext(): void {
    if (this.#training) return;
    const held = [...this.#held.values()].find((candidate) => candidate.start !== null && !candidate.stopped);
    if (!held?.start) return;
    this.#training = held;
    void this.#train(held, held.start);
  }

  async #train(held: HeldRun, start: TrainerStart): Promise<void> {
    const { trainer, repository, recorder, publish } = this.#dependencies;
    let ending: Ending;
    try {
      held.session = trainer.start(start);
      const startedAt = (await repository.find(held.id))?.started_at ?? Date.now();
      await repository.update(held.id, { state: 'running', started_at: startedAt });
      await publish(held.id);
      for await (const event of held.session.events) {
        await recorder.record(held.id, event);
        if (event.type === 'ready') await publish(held.id);
      }
      ending = await this.#conclude(held, start, await held.session.outcome);
    } catch (error) {
      // What the trainer tells can no longer be written down: it must not go on unrecorded.
      await held.session?.kill();
      ending = { state: 'interrupted', error: AppError.from(error) };
    }
    await this.#end(held, ending);
  }

  async #conclude({ id, stopsAs }: HeldRun, start: TrainerStart, outcome: TrainerOutcome): Promise<Ending> {
    if (outcome.kind === 'stopped') return { state: stopsAs, error: null };
    if (outcome.kind === 'failed') {
      const error = AppError.fromData(outcome.error);
      return { state: interrupting.has(error.code) ? 'interrupted' : 'failed', error };
    }
    if (outcome.kind === 'crashed') return { state: 'interrupted', error: AppError.fromData(outcome.error) };
    const { step, model } = outcome.message;
    const name = `${start.datasetName}, ${model.passport.detectorSteps} steps`;
    try {
      await this.#dependencies.models.register({ runId: id, name, path: model.path });
    } catch (error) {
      return { state: 'failed', error: AppError.from(error) };
    }
    await this.#dependencies.repository.update(id, { step });
    return { state: 'done', error: null };
  }

  async #end(held: HeldRun, { state, error }: Ending): Promise<void> {
    const { workspace, recorder, repository, publish } = this.#dependencies;
    try {
      if (error)
        await recorder.log(held.id, {
          at: Date.now(),
          level: 'error',
          code: error.code,
          message: error.message,
        });
      const data = error && JSON.stringify(error.toData());
      const step = (await repository.find(held.id))?.step;
      await workspace.db.transaction().execute(async (transaction) => {
        const paused = state === 'paused';
        const change = { state, ended_at: paused ? null : Date.now(), error: data };
        await repository.update(held.id, change, transaction);
        workspace.audit.record(transaction, {
          action: paused ? 'run.paused' : 'run.ended',
          subject: { kind: 'run', id: held.id },
          payload: { state, step, ...(error ? { reason: error.message } : {}) },
          seal: runRows(held.id),
        });
      });
    } catch {
      // Not even this can be written. A row that says it runs while nobody holds it is read as interrupted.
    }
    this.#held.delete(held.id);
    if (this.#training === held) this.#training = null;
    await publish(held.id).catch(() => undefined);
    held.ended.resolve();
    this.#trainNext();
  }
}
