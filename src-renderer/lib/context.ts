/** What every page may use. It is built once in main.ts and handed down through Svelte's context; tests hand their own. */
import { getContext, setContext } from 'svelte';
import type { PentimentoClient } from '#contract/api.ts';
import { importReportOf } from '#contract/job.ts';
import type { Router } from '../app/router.svelte.ts';
import { Commands } from '../controllers/commands.svelte.ts';
import { Desktop } from '../controllers/desktop.svelte.ts';
import { Jobs } from '../controllers/jobs.svelte.ts';
import { Library } from '../controllers/library.svelte.ts';
import { Messages } from '../controllers/messages.svelte.ts';
import { Runs } from '../controllers/runs.svelte.ts';
import { SampleLine } from '../controllers/sample-line.svelte.ts';
import { Uploads } from '../controllers/uploads.svelte.ts';
import type { Connection } from './connection.svelte.ts';
import { Preferences } from './preferences.svelte.ts';
import { uploadEvidence } from './uploads.ts';

export type Workbench = {
  client: PentimentoClient;
  router: Router;
  connection: Connection;
  preferences: Preferences;
  messages: Messages;
  jobs: Jobs;
  runs: Runs;
  library: Library;
  sampleLine: SampleLine;
  uploads: Uploads;
  commands: Commands;
  desktop: Desktop;
};

/** Wires the shared controllers over a client. */
export function createWorkbench(client: PentimentoClient, router: Router, connection: Connection): Workbench {
  const messages = new Messages();
  const jobs = new Jobs(client, messages);
  const runs = new Runs(client, messages);
  const library = new Library(client);
  runs.onEnd = () => void library.models.refresh();
  jobs.onEnd = (job) => {
    if (job.kind === 'detection') void library.verdicts.refresh();
    else if (importReportOf(job)) void library.datasets.refresh();
  };
  const commands = new Commands();
  return {
    client,
    router,
    connection,
    preferences: new Preferences(),
    messages,
    jobs,
    runs,
    library,
    sampleLine: new SampleLine(client, jobs, runs, messages),
    uploads: new Uploads(uploadEvidence, connection),
    commands,
    desktop: new Desktop(client, commands, router),
  };
}

/** Reads the workbench's lists and starts following the host; the returned function ends that. */
export function openWorkbench({ desktop, jobs, runs, library }: Workbench): () => void {
  const leave = desktop.follow();
  void desktop.loadRecent();
  void library.load();
  void runs.load();
  void jobs.load();
  return () => {
    leave();
    jobs.dispose();
    runs.dispose();
  };
}

const KEY = Symbol('workbench');
export const provideWorkbench = (workbench: Workbench): Workbench => setContext(KEY, workbench);
export const useWorkbench = (): Workbench => getContext<Workbench>(KEY);
