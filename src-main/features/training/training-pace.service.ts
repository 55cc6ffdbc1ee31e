/** How fast a run would train, before it begins: figures of earlier runs, or of a probe that is made for it. */
import type { TrainerHost } from '#compute/trainer-host.ts';
import type { Dataset } from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import type { PaceRequest, RunPace, TrainingRun } from '#contract/training-run.ts';
import { newId } from '#storage/new-id.ts';
import type { Workspace } from '#storage/workspace.ts';
import { paceOfRuns } from './run-pace.ts';
import { forTraining, requireEnough } from './run-photographs.ts';
import { trainerSettings } from './trainer-settings.ts';
import { probeTraining } from './training-probe.ts';

export interface TrainingPaceDependencies {
  workspace: Workspace;
  trainer: TrainerHost;
  datasets: {
    get(dataset: string): Promise<Dataset>;
    /** Its photographs as they are now. */
    photographs(dataset: string): Promise<TrainerPhotograph[]>;
  };
  resolveConfig: (overrides: Record<string, unknown>) => Record<string, unknown>;
  programVersion: string;
  runs: () => Promise<TrainingRun[]>;
  /** Whether a run trains or waits. */
  busy: () => boolean;
}

export class TrainingPaceService {
  readonly #dependencies: TrainingPaceDependencies;
  /** What probes found, by what was asked; as long as the program runs. */
  readonly #probed = new Map<string, RunPace>();
  #probe: { abort: AbortController; ended: Promise<void> } | null = null;

  constructor(dependencies: TrainingPaceDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * The latest figures that there are of such a run; null where nothing like it was ever trained here.
   * @throws AppError `invalid_input`
   */
  async pace(request: PaceRequest): Promise<RunPace | null> {
    const config = this.#dependencies.resolveConfig(request.overrides);
    const probed = this.#probed.get(JSON.stringify(request));
    const ofRuns = paceOfRuns(await this.#dependencies.runs(), request, config);
    return probed && (!ofRuns || probed.at > ofRuns.at) ? probed : ofRuns;
  }

  /**
   * Trains for some seconds to tell the pace of such a run, and keeps nothing else of it.
   * @throws AppError `run_active` where a run or another probe goes on, beside which nothing could be measured;
   *   `dataset_too_small`, `not_found`, `invalid_input`, what the trainer failed with; `cancelled` where it was ended
   */
  async *probe(request: PaceRequest, signal?: AbortSignal): AsyncGenerator<RunPace> {
    if (this.#probe || this.#dependencies.busy())
      throw new AppError('run_active', 'Nothing can be measured while a run trains.');
    const abort = new AbortController();
    const leave = (): void => abort.abort();
    signal?.addEventListener('abort', leave, { once: true });
    const ended = Promise.withResolvers<void>();
    this.#probe = { abort, ended: ended.promise };
    try {
      const pace = await this.#measure(request, abort.signal);
      this.#probed.set(JSON.stringify(request), pace);
      yield pace;
    } finally {
      signal?.removeEventListener('abort', leave);
      this.#probe = null;
      ended.resolve();
    }
  }

  /** Ends a probe, and waits until its process is gone: beside a run its figures would be wrong. */
  async endProbe(): Promise<void> {
    this.#probe?.abort.abort();
    await this.#probe?.ended;
  }

  async #measure(request: PaceRequest, signal: AbortSignal): Promise<RunPace> {
    const { datasets, resolveConfig, trainer } = this.#dependencies;
    resolveConfig(request.overrides);
    const { id, name, manifestHash, rendered } = await datasets.get(request.dataset);
    const photographs = forTraining(await datasets.photographs(id));
    requireEnough(photographs, name);
    const start = {
      ...trainerSettings(request, photographs, this.#dependencies),
      ...{ runId: newId(Date.now()), datasetName: name, datasetManifestHash: manifestHash, rendered },
      ...{ resumeFrom: null, trainedSeconds: 0 },
    };
    return probeTraining(start, { trainer, signal });
  }
}
