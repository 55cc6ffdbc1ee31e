/**
 * Utility processes, against a stand-in that runs the real `utility-entry.ts` in a thread with a channel for `parentPort`:
 * scripts that were written for a forked Node run there as they are.
 */
import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import { onTestFinished, expect, test } from 'vitest';
import type { ChildProcess, SpawnChild } from '#compute/child-process.ts';
import { createViewer } from '#compute/viewing/viewer.ts';
import { spawnUtility } from '#hosts/electron/spawn-utility.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { samplePicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const entry = path.resolve(import.meta.dirname, '../../../../src-main/hosts/electron/utility-entry.ts');
/** The process that decodes to show; it never answers for a picture named `hang`. */
const crashingViewer = path.resolve(import.meta.dirname, '../../../support/crashing-viewer.ts');

/** What Electron's `utilityProcess.fork` gives, as far as it is used. */
function fork(module: string, args: string[], forked: { module: string; serviceName?: string }[]) {
  forked.push({ module });
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     process.parentPort = { on: (name, listener) => parentPort.on(name, (data) => listener({ data })),
       postMessage: (message) => parentPort.postMessage(message) };
     process.argv[2] = ${JSON.stringify(args[0])};
     import(${JSON.stringify(pathToFileURL(module).href)});`,
    { eval: true, stdout: true },
  );
  onTestFinished(() => void worker.terminate());
  const child = new EventEmitter();
  worker.on('message', (message) => child.emit('message', message));
  worker.on('exit', (code) => child.emit('exit', code));
  return Object.assign(child, {
    pid: 1,
    stdout: worker.stdout,
    stderr: null,
    postMessage: (message: unknown) => worker.postMessage(message),
    kill: () => void worker.terminate(),
  });
}

function spawnOf(forked: { module: string }[]): SpawnChild {
  const utility = { fork: (module: string, args?: string[]) => fork(module, args ?? [], forked) };
  return spawnUtility(utility as unknown as Parameters<typeof spawnUtility>[0], entry);
}

function start(script: string) {
  const file = path.join(temporaryFolder(), 'script.mjs');
  writeFileSync(file, script);
  const forked: { module: string }[] = [];
  const child = spawnOf(forked)(file);
  expect(forked).toEqual([{ module: entry }]);
  return child;
}

test('messages pass both ways, what was sent first waits for the script, and a last word is not lost by ending', async () => {
  const child = start(`
    process.on('message', (message) => {
      if (message === 'end') process.send('last word', undefined, undefined, () => process.exit(3));
      else process.send({ heard: message });
    });
  `);
  const heard: unknown[] = [];
  child.onMessage((message) => heard.push(message));
  child.send({ steps: 2 });
  child.send('end');
  expect(await child.ended).toEqual({ code: 3, signal: null });
  expect(heard).toEqual([{ heard: { steps: 2 } }, 'last word']);
});

test('what it prints is heard, it can be killed, and a message to the dead is no failure', async () => {
  const child = start(`console.log('printed'); setInterval(() => undefined, 1000);`);
  const printed = new Promise<string>((resolve) => child.onOutput(resolve));
  expect(await printed).toContain('printed');
  child.kill();
  await child.ended;
  child.send('too late');
});

test('originals are decoded in one as they are in a forked Node, and one that is killed is replaced', async () => {
  const children: ChildProcess[] = [];
  const spawn: SpawnChild = (script) => {
    const child = spawnOf([])(script);
    children.push(child);
    return child;
  };
  const viewer = createViewer({ spawn, entry: crashingViewer });
  onTestFinished(() => viewer.close());
  const bytes = await samplePicture(700, 600).jpeg().toBuffer();
  const file = write(temporaryFolder(), 'a.jpg', bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const request = { file, name: 'a.jpg', sha256, level: 0, tile: { x: 1, y: 1 }, keep: 2 ** 28 };
  const { png, ...rest } = await viewer.view(request);
  expect(rest).toEqual({ pixels: 700 * 600, kept: 700 * 600 * 3 });
  expect(await sharp(png!).metadata()).toMatchObject({ format: 'png', width: 188, height: 88 });
  const cut = failureOf(viewer.view({ ...request, name: 'hang.jpg' }));
  children[0]!.kill();
  expect((await cut).code).toBe('judge_crashed');
  expect((await viewer.view(request)).png).toEqual(png);
  expect(children).toHaveLength(2);
});
