/** The first-run offer: render sample scenes, train on them, and judge a sample case of other scenes with what was learnt. */
import type { PentimentoClient } from '#contract/api.ts';
import { importReportOf, type Job } from '#contract/job.ts';
import { startText } from '../lib/text/start.ts';
import { isActive, type Jobs } from './jobs.svelte.ts';
import type { Messages } from './messages.svelte.ts';
import type { Runs } from './runs.svelte.ts';

const SCENES = 64;
const MINUTES = 3;

/** Where the workbench goes on the way. */
export type SampleStops = { training: (runId: string) => void; judged: (caseId: string) => void };

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

  async start(stops: SampleStops): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      const { jobId } = await this.#client.datasets.renderScenes({
        dataset: startText.sampleDataset,
        count: SCENES,
        seed: 0,
      });
      this.jobId = jobId;
      this.#jobs.follow(jobId, (job) => void this.#train(job, stops));
    } catch (error) {
      this.#messages.showError(error);
      this.busy = false;
    }
  }

  async #train(job: Job, stops: SampleStops): Promise<void> {
    this.jobId = null;
    const report = importReportOf(job);
    try {
      if (job.state !== 'done' || !report) return;
      const { caseId } = await this.#client.evidence.takeSample({});
      const run = await this.#runs.start({
        dataset: report.datasetId,
        stop: { minutes: MINUTES },
        seed: 0,
        backend: 'auto',
        overrides: {},
      });
      if (!run) return;
      this.#judgeAfter(run.id, caseId, stops);
      stops.training(run.id);
    } catch (error) {
      this.#messages.showError(error);
    } finally {
      this.busy = false;
    }
  }

  /** Judges the case when the run has ended well; one that was stopped or failed leaves that to the person. */
  #judgeAfter(runId: string, caseId: string, { judged }: SampleStops): void {
    const stop = this.#client.runs.watch(
      {},
      {
        event: (event) => {
          if (event.type !== 'run' || event.run.id !== runId || isActive(event.run.state)) return;
          stop();
          if (event.run.state === 'done') void this.#judge(caseId, judged);
        },
        error: (error) => this.#messages.showError(error),
      },
    );
  }

  async #judge(caseId: string, judged: SampleStops['judged']): Promise<void> {
    try {
      const { jobId } = await this.#client.evidence.detect({ case: caseId });
      this.#jobs.follow(jobId, (job) => {
        if (job.state !== 'done') return;
        const action = { label: startText.sampleOpen, run: () => judged(caseId) };
        this.#messages.notify('success', startText.sampleJudged, '', action);
      });
    } catch (error) {
      this.#messages.showError(error);
    }
  }
}
