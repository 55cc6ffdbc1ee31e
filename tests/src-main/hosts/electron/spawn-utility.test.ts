/**
 * Utility processes, against a stand-in that runs the real `utility-entry.ts` in a thread with a channel for `parentPort`:
 * scripts that were written for a forked Node run there as they are.
 */
import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { onTestFinished, expect, test } from 'vitest';
import { spawnUtility } from '#hosts/electron/spawn-utility.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const entry = path.resolve(import.meta.dirname, '../../../../src-main/hosts/electron/utility-entry.ts');

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

function start(script: string) {
  const file = path.join(temporaryFolder(), 'script.mjs');
  writeFileSync(file, script);
  const forked: { module: string }[] = [];
  const utility = { fork: (module: string, args?: string[]) => fork(module, args ?? [], forked) };
  const child = spawnUtility(utility as unknown as Parameters<typeof spawnUtility>[0], entry)(file);
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
