/** The first-run offer: render sample scenes, then train on them. */
import type { PentimentoClient } from '#contract/api.ts';
import { importReportOf, type Job } from '#contract/job.ts';
import { startText } from '../lib/text/start.ts';
import type { Jobs } from './jobs.svelte.ts';
import type { Messages } from './messages.svelte.ts';
import type { Runs } from './runs.svelte.ts';

const SCENES = 64;
const MINUTES = 3;

export class SampleLine {
  /** The rendering while it runs. */
  jobId = $state<string | null>(null);
  busy = $state(false);
  readonly #client: PentimentoClient;
  readonly #jobs: Jobs;
  readonly #runs: Runs;
  readonly #messages: Messages;

  constructor(client: PentimentoClient, jobs: Jobs, runs: Runs, messages: Messages) {
    this.#client = client;
    this.#jobs = jobs;
    this.#runs = runs;
    this.#messages = messages;
  }

  /** Calls `opened` with the run once it has started. */
  async start(opened: (runId: string) => void): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      const { jobId } = await this.#client.datasets.renderScenes({
        dataset: startText.sampleDataset,
        count: SCENES,
        seed: 0,
      });
      this.jobId = jobId;
      this.#jobs.follow(jobId, (job) => void this.#train(job, opened));
    } catch (error) {
      this.#messages.showError(error);
      this.busy = false;
    }
  }

  async #train(job: Job, opened: (runId: string) => void): Promise<void> {
    this.jobId = null;
    this.busy = false;
    const report = importReportOf(job);
    if (job.state !== 'done' || !report) return;
    const run = await this.#runs.start({
      dataset: report.datasetId,
      stop: { minutes: MINUTES },
      seed: 0,
      backend: 'auto',
      overrides: {},
    });
    if (run) opened(run.id);
  }
}
