/** What the training form knows of the time and memory of the run that it describes. */
import type { PentimentoClient } from '#contract/api.ts';
import type { Unsubscribe } from '#contract/api-definition.ts';
import { AppError } from '#contract/errors.ts';
import type { RunPace, StartRunRequest } from '#contract/training-run.ts';
import { Query } from '../lib/query.svelte.ts';

type Asked = Pick<
  StartRunRequest,
  'dataset' | 'backend' | 'provider' | 'overrides' | 'cacheMegabytes' | 'seed'
>;

export class RunPaceController {
  readonly query: Query<RunPace | null>;
  measuring = $state(false);
  error = $state.raw<AppError | null>(null);
  readonly #client: PentimentoClient;
  readonly #asked: () => Asked | null;
  #leave: Unsubscribe | null = null;

  /** `asked` is read anew each time; null while the form cannot be read. */
  constructor(client: PentimentoClient, asked: () => Asked | null) {
    this.#client = client;
    this.#asked = asked;
    this.query = new Query(async () => {
      const request = asked();
      return request ? client.runs.pace(request) : null;
    });
  }

  /** Trains for some seconds on the host; the figures are then the answer of `query`. */
  measure(): void {
    const request = this.#asked();
    if (!request || this.measuring) return;
    this.measuring = true;
    this.error = null;
    this.#leave = this.#client.runs.probe(request, {
      event: (pace) => {
        this.query.state = { status: 'data', data: pace };
        this.stop();
      },
      error: (error) => {
        this.error = AppError.from(error);
        this.stop();
      },
      end: () => this.stop(),
    });
  }

  stop(): void {
    this.#leave?.();
    this.#leave = null;
    this.measuring = false;
  }
}
