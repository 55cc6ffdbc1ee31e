/** The acceptance checklist: its steps on the headless workbench, and what its script says where there is no runtime. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { msgpackEncoder } from '#transport/msgpack-encoder.ts';
import small from '../../build/house/tiny-training.json' with { type: 'json' };
import { notRun, performSteps } from '../acceptance/checklist.ts';
import { obstacle } from '../acceptance/packaged-program.ts';
import { steps, trainingStep } from '../acceptance/steps.ts';
import { browserSession, nothingComplained, withoutChromium } from '../support/browser-session.ts';
import { makeReviewedWorkspace } from '../support/reviewed-workspace.ts';

const script = resolve(import.meta.dirname, '../acceptance/acceptance.ts');
const folder = mkdtempSync(join(tmpdir(), 'pentimento-accept-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const run = (...args: string[]) => {
  const out = join(folder, 'result.json');
  rmSync(out, { force: true });
  const env = { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '' };
  const ended = spawnSync(process.execPath, [script, '--out', out, ...args], {
    ...{ encoding: 'utf8', env, timeout: 60_000 },
  });
  return { ...ended, result: () => JSON.parse(readFileSync(out, 'utf8')) as Record<string, unknown> };
};

describe('where the program cannot be run', () => {
  test('the script says exactly why, marks every step as not run, and ends with a status of its own', () => {
    const { status, stdout, result } = run('--program', join(folder, 'absent'));
    expect(status).toBe(4);
    expect(stdout).toContain('could not be run: There is no packaged program');
    const all = [...steps.first, ...steps.again];
    expect(result()).toMatchObject({ outcome: 'could not be run', steps: notRun(all) });
    expect(all.length).toBeGreaterThan(6);
  });

  test("a package with a stand-in for Electron's runtime is told from a program", async () => {
    const house = pathToFileURL(resolve(import.meta.dirname, '../../build/house/stand-in-runtime.mjs')).href;
    const { makeStandInRuntime } = (await import(house)) as {
      makeStandInRuntime(folder: string, version: string): void;
    };
    makeStandInRuntime(join(folder, 'runtime'), '45.4.1');
    const { status, result } = run('--program', join(folder, 'runtime', 'electron'));
    expect(status).toBe(4);
    expect(result()['why']).toMatch(/^The packaged program holds a stand-in for Electron's runtime/);
  });

  test.skipIf(process.platform !== 'linux')('a machine without a display is told', () => {
    expect(obstacle(process.execPath, {})).toBe(
      'This machine has no display, so that no window can be opened.',
    );
    expect(obstacle(process.execPath, { DISPLAY: ':0' })).toBeNull();
  });

  test('an argument that it does not know ends it with status 2', () => {
    expect(run('--quickly').status).toBe(2);
  });
});

test('a step that fails ends the list: those after it are marked as not run', async () => {
  const step = (title: string, perform: () => Promise<string>) => ({ title, perform });
  const list = [
    step('one', async () => 'seen'),
    step('two', async () => Promise.reject(new Error('blank'))),
    step('three', async () => 'never'),
  ];
  const told: string[] = [];
  const results = await performSteps(list, null as never, ({ title }) => told.push(title));
  expect(results).toMatchObject([
    { state: 'passed', seen: 'seen' },
    { state: 'failed', seen: 'blank' },
    { state: 'not run', seen: '' },
  ]);
  expect(told).toEqual(['one', 'two']);
});

describe.skipIf(withoutChromium)('on the headless workbench in Chromium', () => {
  const session = browserSession(async ({ folder: beside, workspace }) => {
    await makeReviewedWorkspace(workspace, join(beside, 'pictures'), { scenes: 2 });
  });
  test.each(steps.first.filter((step) => step !== trainingStep))('$title', async ({ perform }) => {
    expect(await perform({ page: session.page, host: 'headless' })).not.toBe('');
  });
  test.each(steps.again)('$title', async ({ perform }) => {
    await session.page.goto('about:blank');
    await session.restart();
    await session.page.goto(session.host.url);
    expect(await perform({ page: session.page, host: 'headless' })).not.toBe('');
  });
  // The page is made to ask for another place.
  nothingComplained(session, (one) => /example\.invalid|Content Security Policy/.test(one));
});

type Call = { params?: { path: string; input: { input?: Record<string, unknown> } } };
/** What the first start asks for, made small: the page offers no choice there. */
const smaller: Record<string, Record<string, unknown>> = {
  'datasets.renderScenes': { count: 24 },
  'runs.start': { stop: { steps: 6 }, backend: 'ort', overrides: { ...small, metricEvery: 2 } },
};
function madeSmall(call: Call): Call {
  const { path, input } = call.params ?? {};
  const change = path === undefined ? undefined : smaller[path];
  if (!change) return call;
  return { ...call, params: { path: path!, input: { ...input, input: { ...input!.input, ...change } } } };
}

describe.skipIf(withoutChromium)('its training step, in an empty workspace', () => {
  const session = browserSession();
  test(trainingStep.title, async () => {
    const { page, host } = session;
    await page.goto('about:blank');
    let started = 0;
    await page.routeWebSocket(/./, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((message) => {
        const call = msgpackEncoder.decode(message) as Call;
        if (call.params?.path === 'runs.start') started += 1;
        server.send(Buffer.from(msgpackEncoder.encode(madeSmall(call))));
      });
    });
    await page.goto(host.url);
    expect(await trainingStep.perform({ page, host: 'headless' })).toMatch(/up to step 6\. Latest: L_cls/);
    expect(started).toBe(1);
  });
  nothingComplained(session);
});
