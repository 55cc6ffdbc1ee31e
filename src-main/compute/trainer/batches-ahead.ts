/** Batches asked for before the run comes to them, in the order in which it will. */
import type { HostTensor } from '#engine/ports.ts';
import { generatorTrains } from '#engine/training/sample-counts.ts';
import type { BatchSource, DetectorDraft } from '#engine/training/training-batches.ts';
import type { TrainingConfig } from '#engine/training/training-config.ts';
import type { Answer, BatchPlace } from './batch-messages.ts';

/** Batches that are made, or being made, while a step runs: one that is slow to make then holds up no step. */
const AHEAD = 4;

const nameOf = ({ kind, iteration, step }: BatchPlace): string => `${kind} ${iteration} ${step}`;

/** The place that a run comes to after this one. */
export function following({ kind, iteration, step }: BatchPlace, config: TrainingConfig): BatchPlace {
  const generatorSteps = generatorTrains(config) ? config.generatorSteps : 0;
  if (step + 1 < (kind === 'detector' ? config.detectorSteps : generatorSteps))
    return { kind, iteration, step: step + 1 };
  if (kind === 'detector' && generatorSteps > 0) return { kind: 'generator', iteration, step: 0 };
  return { kind: 'detector', iteration: iteration + 1, step: 0 };
}

export class BatchesAhead implements BatchSource {
  readonly #config: TrainingConfig;
  readonly #make: (place: BatchPlace) => Promise<Answer>;
  #asked = new Map<string, Promise<Answer>>();

  /** @param iteration the one that the run begins or goes on with */
  constructor(config: TrainingConfig, iteration: number, make: (place: BatchPlace) => Promise<Answer>) {
    this.#config = config;
    this.#make = make;
    this.#askFrom({ kind: 'detector', iteration, step: 0 });
  }

  detector(iteration: number, step: number): Promise<DetectorDraft> {
    return this.#take({ kind: 'detector', iteration, step }) as Promise<DetectorDraft>;
  }

  generator(iteration: number, step: number): Promise<Record<string, HostTensor>> {
    return this.#take({ kind: 'generator', iteration, step }) as Promise<Record<string, HostTensor>>;
  }

  /** The batch of that place, which the run may then write to. A place that it comes to again gets a new one. */
  #take(place: BatchPlace): Promise<Answer> {
    const batch = this.#asked.get(nameOf(place)) ?? this.#make(place);
    this.#asked.delete(nameOf(place));
    this.#askFrom(following(place, this.#config));
    return batch;
  }

  /** Asks for what is missing of the next places, and forgets what a run asked for and did not come to. */
  #askFrom(first: BatchPlace): void {
    const asked = new Map<string, Promise<Answer>>();
    for (let i = 0, place = first; i < AHEAD; i++, place = following(place, this.#config)) {
      const batch = this.#asked.get(nameOf(place)) ?? this.#make(place);
      batch.catch(() => undefined); // told where the run comes to it
      asked.set(nameOf(place), batch);
    }
    this.#asked = asked;
  }
}
