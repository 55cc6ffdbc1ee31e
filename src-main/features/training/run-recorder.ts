/** Writes down what a trainer tells of its run: rows first, then the event for those who watch. */
import { rm } from 'node:fs/promises';
import type { TrainerEvent } from '#compute/trainer-host.ts';
import { AppError } from '#contract/errors.ts';
import type { MapReference } from '#contract/media.ts';
import type { MapFile, SampleFiles } from '#contract/trainer-messages.ts';
import type { RunLogEntry, RunSample } from '#contract/training-run.ts';
import type { BlobStore } from '#storage/blob-store.ts';
import type { RunChannel } from './run-channel.ts';
import type { RunCheckpoints } from './run-checkpoints.ts';
import { fromLog, fromMetric } from './run-mapping.ts';
import type { TrainingRunRepository } from './training-run.repository.ts';

/** Errors after which nothing more can be written, so that going on would only lose more. */
const fatal = new Set(['disk_full', 'workspace_not_writable', 'workspace_damaged']);

export class RunRecorder {
  readonly #repository: TrainingRunRepository;
  readonly #checkpoints: RunCheckpoints;
  readonly #blobs: BlobStore;
  readonly #channel: RunChannel;

  constructor(parts: {
    repository: TrainingRunRepository;
    checkpoints: RunCheckpoints;
    blobs: BlobStore;
    channel: RunChannel;
  }) {
    this.#repository = parts.repository;
    this.#checkpoints = parts.checkpoints;
    this.#blobs = parts.blobs;
    this.#channel = parts.channel;
  }

  /**
   * Records one message of the trainer. One that cannot be kept by itself (a value that the table refuses, a sample
   * whose file is gone) becomes a warning in the run's log.
   * @throws AppError where the workspace can no longer be written
   */
  async record(runId: string, event: TrainerEvent): Promise<void> {
    try {
      await this.#keep(runId, event);
    } catch (cause) {
      const error = AppError.from(cause);
      if (fatal.has(error.code)) throw error;
      await this.log(runId, {
        at: Date.now(),
        level: 'warning',
        code: error.code,
        message: `What the trainer sent (${event.type}) could not be kept: ${error.message}`,
      });
    }
  }

  async log(runId: string, entry: RunLogEntry): Promise<void> {
    await this.#repository.addLog(fromLog(runId, entry));
    this.#channel.publish({ type: 'log', runId, entry });
  }

  async #keep(runId: string, event: TrainerEvent): Promise<void> {
    switch (event.type) {
      case 'ready':
        // The service publishes the run itself, with its state.
        return this.#repository.update(runId, {
          backend: JSON.stringify(event.backend),
          config: JSON.stringify(event.config),
        });
      case 'metric':
        await this.#repository.addMetric(fromMetric(runId, event.metric), event.trainedSeconds);
        return this.#channel.publish({ type: 'metric', runId, metric: event.metric });
      case 'checkpoint':
        await this.#checkpoints.record(runId, event);
        return this.#channel.publish({ type: 'checkpoint', runId, step: event.step, path: event.path });
      case 'samples': {
        const samples = await Promise.all(event.samples.map((files) => this.#takeIn(event.step, files)));
        if (samples.length === 0) return;
        await this.#repository.addSamples(
          samples.map((sample) => ({
            run_id: runId,
            step: sample.step,
            sample_index: sample.index,
            sample: JSON.stringify(sample),
          })),
        );
        await Promise.all(event.samples.flatMap(filesOf).map((file) => rm(file, { force: true })));
        return this.#channel.publish({ type: 'samples', runId, step: event.step });
      }
      case 'log':
        return this.log(runId, event.entry);
    }
  }

  /** The same sample with its files as blobs. */
  async #takeIn(step: number, files: SampleFiles): Promise<RunSample> {
    const picture = async (file: string): Promise<string> =>
      (await this.#blobs.putFile(file, 'image/png', 'derived')).hash;
    const map = async ({ path, ...facts }: MapFile): Promise<MapReference> => ({
      blob: await picture(path),
      ...facts,
    });
    return {
      step,
      index: files.index,
      reference: await picture(files.reference),
      real: await picture(files.real),
      blended: await picture(files.blended),
      styled: files.styled === null ? null : await picture(files.styled),
      fusedMask: await map(files.fusedMask),
      masks: await Promise.all(files.masks.map(map)),
      maps: await Promise.all(files.maps.map(map)),
      fusedMap: await map(files.fusedMap),
      globalSpectrum: await map(files.globalSpectrum),
      localSpectrum: await map(files.localSpectrum),
      logitBlended: files.logitBlended,
      logitReal: files.logitReal,
      kernelCosines: files.kernelCosines,
    };
  }
}

const filesOf = (sample: SampleFiles): string[] => [
  sample.reference,
  sample.real,
  sample.blended,
  ...(sample.styled === null ? [] : [sample.styled]),
  ...[
    sample.fusedMask,
    ...sample.masks,
    ...sample.maps,
    sample.fusedMap,
    sample.globalSpectrum,
    sample.localSpectrum,
  ].map((map) => map.path),
];
