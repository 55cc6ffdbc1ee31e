/**
 * The program has no network: its main job runs where there is no interface at all, nothing in it tries to connect, and its
 * native libraries open no socket.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderScenes } from '#features/samples/scene-renderer.ts';
import { writeTinyDetector } from '../support/tiny-detector.ts';

const cli = resolve(import.meta.dirname, '../../src-main/hosts/node/cli.ts');
const watch = resolve(import.meta.dirname, '../support/network-watch.mjs');
const starts = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
/** A user who is not root needs a user namespace for it. */
const isolated = [['-n'], ['-rn']].find((flags) => starts('unshare', ...flags, 'true'));
const traced = starts('strace', '-o', '/dev/null', 'true');

let folder: string;
let record: string;
let scenes: string;
let model: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pentimento-network-'));
  record = join(folder, 'attempts');
  scenes = join(folder, 'scenes');
  mkdirSync(scenes);
  for await (const { name, bytes } of renderScenes({ count: 24, seed: 5, width: 128, height: 96 }))
    writeFileSync(join(scenes, name), bytes);
  model = await writeTinyDetector(join(folder, 'tiny.onnx'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(prefix: string[], args: string[], watched = true) {
  const [command, ...rest] = [...prefix, process.execPath, ...args];
  const env = {
    ...process.env,
    ...(watched ? { NODE_OPTIONS: `--import=${watch}`, NETWORK_WATCH: record } : {}),
  };
  return spawnSync(command!, rest, { env, encoding: 'utf8', timeout: 250_000, maxBuffer: 2 ** 26 });
}
const attempts = () => (existsSync(record) ? readFileSync(record, 'utf8') : '');

describe.skipIf(!isolated)('in a network namespace without interfaces (needs `unshare -n` or `-rn`)', () => {
  const inside = ['unshare', ...(isolated ?? [])];
  const verb = (...args: string[]) => {
    const done = run(inside, [cli, ...args, '--data-dir', join(folder, 'workspace'), '--json']);
    expect(done.status, `${args[0]}: ${done.stdout}${done.stderr}`).toBe(0);
    return done.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  };

  test('nothing can be reached there', () => {
    const script = `fetch('http://127.0.0.1:65000').then(() => process.exit(1), (e) => process.exit(e.cause?.code === 'ENETUNREACH' ? 0 : 2))`;
    expect(run(inside, ['-e', script], false).status).toBe(0);
  });

  test('the main job needs no network and tries none: import, training, export, detection', () => {
    const config = resolve(import.meta.dirname, '../../build/house/tiny-training.json');
    verb('import', scenes, '--dataset', 'scenes', '--label', 'real');
    const options = ['--config', config, '--steps', '2', '--seed', '1'];
    const events = verb('train', '--dataset', 'scenes', ...options);
    expect(events.at(-1)).toMatchObject({ event: 'done' });
    const trained = join(folder, 'trained.onnx');
    verb('export', String(events.at(-1)!['run']), '--out', trained);
    const judged = verb('detect', scenes, '--model', trained);
    expect(judged.filter((line) => 'verdict' in line)).toHaveLength(24);
    expect(attempts()).toBe('');
  });
});

test.each([
  ['a request', `fetch('http://203.0.113.1/').catch(() => undefined)`, 'connect'],
  ['a socket', `try { require('node:net').connect(80, '203.0.113.1') } catch {}`, 'connect'],
  ['a name', `try { require('node:dns').lookup('example.invalid', () => 0) } catch {}`, 'lookup'],
  [
    'a datagram',
    `try { require('node:dgram').createSocket('udp4').send('x', 9, '203.0.113.1') } catch {}`,
    'datagram',
  ],
])('the watch sees %s', (_, script, what) => {
  rmSync(record, { force: true });
  run([], ['-e', script]);
  expect(attempts()).toContain(what);
  rmSync(record, { force: true });
});

test('the watch is in threads of the program as well', () => {
  const thread = join(folder, 'thread.mjs');
  writeFileSync(thread, "fetch('http://203.0.113.1/').catch(() => undefined)");
  run([], ['-e', `new (require('node:worker_threads').Worker)(${JSON.stringify(thread)})`]);
  expect(attempts()).toContain('connect');
  rmSync(record, { force: true });
});

describe.skipIf(!traced)('seen by the kernel (needs strace)', () => {
  const sockets = (...args: string[]) => {
    const file = join(folder, 'trace');
    const done = run(['strace', '-f', '-qq', '-e', 'trace=socket', '-o', file], args, false);
    expect(done.status, done.stderr).toBe(0);
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => /AF_INET/.test(line));
  };

  test('detection with ONNX Runtime, sharp and SQLite opens no socket of the network', () => {
    const verb = ['detect', scenes, '--model', model, '--data-dir', join(folder, 'traced'), '--json'];
    expect(sockets(cli, ...verb)).toEqual([]);
  });

  test('such a socket would be seen', () => {
    expect(sockets('-e', `fetch('http://127.0.0.1:65000').catch(() => undefined)`)).not.toEqual([]);
  });
});
