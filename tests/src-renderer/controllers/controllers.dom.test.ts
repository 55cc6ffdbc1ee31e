import { beforeEach, describe, expect, test, vi } from 'vitest';
import { AppError } from '#contract/errors.ts';
import type { Job } from '#contract/job.ts';
import type { RunEvent, RunLogEntry } from '#contract/training-run.ts';
import { BrowseController } from '#renderer/controllers/browse.svelte.ts';
import { Jobs } from '#renderer/controllers/jobs.svelte.ts';
import { Messages } from '#renderer/controllers/messages.svelte.ts';
import { RunController } from '#renderer/controllers/run.svelte.ts';
import { TheatreController } from '#renderer/controllers/theatre.svelte.ts';
import { Preferences } from '#renderer/lib/preferences.svelte.ts';
import { jobExample, metricExample, runExample, sampleExample } from '../examples.ts';
import { settle, standInClient, standInWorkbench } from '../stand-in-client.ts';

beforeEach(() => localStorage.clear());

describe('messages', () => {
  test('an error says what happened and what to do, and stays until it is dismissed', () => {
    vi.useFakeTimers();
    const messages = new Messages();
    messages.showError(new AppError('model_missing', 'There is no model.'));
    messages.notify('info', 'The run has started.');
    vi.advanceTimersByTime(60_000);
    vi.useRealTimers();
    expect(messages.toasts.map((toast) => toast.title)).toEqual(['There is no model.']);
    expect(messages.toasts[0]?.hint).toContain('Train a model first');
    expect(messages.history).toHaveLength(2);
    messages.dismiss(messages.toasts[0]?.id ?? 0);
    expect(messages.toasts).toEqual([]);
    expect(messages.history).toHaveLength(2);
  });

  test('something stopped on request is no error', () => {
    const messages = new Messages();
    messages.showError(new AppError('cancelled', 'Stopped.'));
    expect(messages.history).toEqual([]);
  });
});

describe('jobs', () => {
  test('a job is followed to its end, which is told once', () => {
    let tell: (job: Job) => void = () => undefined;
    const client = standInClient({
      jobs: {
        watch: (_, on) => {
          tell = on.event;
          return () => undefined;
        },
      },
    });
    const jobs = new Jobs(client, new Messages());
    const ended = vi.fn();
    jobs.follow('j1', ended);
    tell(jobExample());
    expect(jobs.active).toHaveLength(1);
    expect(ended).not.toHaveBeenCalled();
    tell(jobExample({ state: 'done' }));
    tell(jobExample({ state: 'done' }));
    expect(jobs.active).toHaveLength(0);
    expect(ended).toHaveBeenCalledTimes(1);
  });
});

describe('one run', () => {
  function open(asked: number[] = [], log: RunLogEntry[] = []) {
    let tell: (event: RunEvent) => void = () => undefined;
    const client = standInClient({
      runs: {
        get: () => Promise.resolve(runExample()),
        metrics: ({ sinceStep = 0 }) => {
          asked.push(sinceStep);
          return Promise.resolve([1, 2, 3, 4, 5].filter((step) => step > sinceStep).map(metricExample));
        },
        log: () => Promise.resolve([...log]),
        sampleSteps: () => Promise.resolve([1]),
        watch: (_, on) => {
          tell = on.event;
          return () => undefined;
        },
      },
    });
    const controller = new RunController(client, 'r1');
    return { controller, tell: (event: RunEvent) => tell(event) };
  }

  test('its history comes first, then every new point once', async () => {
    const { controller, tell } = open();
    await controller.open();
    for (const step of [5, 6, 7, 6]) tell({ type: 'metric', runId: 'r1', metric: metricExample(step) });
    expect(controller.metrics.map((metric) => metric.step)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(controller.latest?.step).toBe(7);
    tell({ type: 'samples', runId: 'r1', step: 10 });
    expect(controller.sampleSteps).toEqual([1, 10]);
  });

  test('after a lost connection it fetches what it missed', async () => {
    const asked: number[] = [];
    const { controller, tell } = open(asked);
    await controller.open();
    tell({ type: 'run', run: runExample({ step: 9 }) });
    await settle();
    expect(asked).toEqual([0, 5]);
  });

  test('what is logged after the log was read and before the run is followed is shown, and once', async () => {
    const entry: RunLogEntry = { at: 7, level: 'info', code: 'run_resumed', message: 'The run goes on.' };
    const log: RunLogEntry[] = [];
    const { controller, tell } = open([], log);
    await controller.open();
    expect(controller.log).toEqual([]);
    log.push(entry);
    tell({ type: 'run', run: runExample({ step: 5 }) });
    tell({ type: 'log', runId: 'r1', entry });
    await settle();
    expect(controller.log).toEqual([entry]);
  });
});

describe('the theatre', () => {
  test('it follows the newest step until an earlier one is chosen, and again from the last', async () => {
    let steps = [10, 20];
    const client = standInClient({
      runs: { samples: ({ step }) => Promise.resolve([0, 1, 2, 3].map((i) => sampleExample(step, i))) },
    });
    const theatre = new TheatreController(
      client,
      () => 'r1',
      () => steps,
    );
    expect(theatre.step).toBe(20);
    theatre.seek(0);
    steps = [10, 20, 30];
    expect(theatre.step).toBe(10);
    theatre.seek(99);
    steps = [10, 20, 30, 40];
    expect(theatre.step).toBe(40);
    await theatre.query.refresh();
    expect(theatre.samples.map((sample) => sample.index)).toEqual([0, 1, 2]);
    theatre.toggle(1);
    theatre.toggle(3);
    expect(theatre.samples.map((sample) => sample.index)).toEqual([0, 2, 3]);
  });

  test('a run without samples has no step', () => {
    const theatre = new TheatreController(
      standInClient({}),
      () => 'r1',
      () => [],
    );
    expect(theatre.step).toBeNull();
    expect(theatre.position).toBe(-1);
  });
});

describe('walking the disk', () => {
  test('a path that is typed while a folder is read is kept', async () => {
    const client = standInClient({
      system: {
        browse: ({ path }) =>
          Promise.resolve({ path: path ?? '/home', parent: null, entries: [], images: 0 }),
      },
    });
    const browse = new BrowseController(client);
    const opening = browse.open();
    browse.typed = '/photos';
    await opening;
    expect(browse.typed).toBe('/photos');
    await browse.open(browse.typed);
    expect(browse.query.data?.path).toBe('/photos');
  });
});

describe('the sample line', () => {
  test('it renders scenes, trains on them, opens the run, and judges the sample case when that has ended well', async () => {
    const requests: unknown[] = [];
    const report = {
      datasetId: 'd9',
      dataset: 'Sample scenes',
      added: [],
      duplicates: [],
      refused: [],
      moved: [],
    };
    const judged: unknown[] = [];
    let tell: (event: RunEvent) => void = () => undefined;
    let left = 0;
    const workbench = standInWorkbench({
      datasets: { renderScenes: () => Promise.resolve({ jobId: 'j1' }) },
      evidence: {
        takeSample: () => Promise.resolve({ caseId: 'c1' }),
        detect: (request) => {
          judged.push(request);
          return Promise.resolve({ jobId: 'j2' });
        },
      },
      jobs: {
        watch: (_, on) => {
          on.event({ ...jobExample(), kind: 'render-scenes', state: 'done', result: report } as Job);
          return () => undefined;
        },
      },
      runs: {
        start: (request) => {
          requests.push(request);
          return Promise.resolve(runExample({ id: 'r7' }));
        },
        watch: (_, on) => {
          tell = on.event;
          return () => void left++;
        },
      },
    });
    const stops = { training: vi.fn(), judged: vi.fn() };
    await workbench.sampleLine.start(stops);
    await settle();
    expect(requests).toMatchObject([{ dataset: 'd9' }]);
    expect(stops.training).toHaveBeenCalledWith('r7');
    expect(workbench.sampleLine.busy).toBe(false);
    tell({ type: 'run', run: runExample({ id: 'r8', state: 'done' }) });
    tell({ type: 'run', run: runExample({ id: 'r7', state: 'running' }) });
    expect(judged).toEqual([]);
    tell({ type: 'run', run: runExample({ id: 'r7', state: 'done' }) });
    await settle();
    expect([judged, left]).toEqual([[{ case: 'c1' }], 1]);
    const toast = workbench.messages.toasts.find(({ title }) => title === 'The sample case was judged.');
    toast?.action?.run();
    expect(stops.judged).toHaveBeenCalledWith('c1');
  });

  test('a host that refuses leaves the offer open and says why', async () => {
    const workbench = standInWorkbench({
      datasets: {
        renderScenes: () => Promise.reject(new AppError('disk_full', 'The disk is full.')),
      },
    });
    await workbench.sampleLine.start({ training: () => undefined, judged: () => undefined });
    expect(workbench.sampleLine.busy).toBe(false);
    expect(workbench.messages.toasts[0]?.title).toBe('The disk is full.');
  });
});

describe('preferences', () => {
  test('a choice is written to the page and remembered', () => {
    const first = new Preferences();
    expect(first.theme).toBe('dark');
    first.toggleTheme();
    first.colourMap = 'turbo';
    first.apply();
    expect(document.documentElement.dataset['theme']).toBe('light');
    const second = new Preferences();
    expect([second.theme, second.colourMap]).toEqual(['light', 'turbo']);
  });

  test('a damaged memory is forgotten', () => {
    localStorage.setItem('pentimento.preferences', '{"theme":7,"opacity":"x"');
    expect(new Preferences().theme).toBe('dark');
  });
});
