/** The built headless workbench as a process: how it starts, refuses, and ends. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { killHeadless, startHeadless, type Headless } from '../support/headless.ts';

const entry = resolve(import.meta.dirname, '../../out/main/headless.js');
const start = (...args: string[]) =>
  spawnSync(process.execPath, [entry, '--no-open', ...args], { encoding: 'utf8', timeout: 30_000 });

let folder: string;
let host: Headless | undefined;
afterAll(killHeadless);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-e2e-'));
});
afterEach(async () => {
  await host?.stop();
  host = undefined;
  await rm(folder, { recursive: true, force: true });
});

test('it prints its address, serves its page, and ends cleanly when asked', async () => {
  host = await startHeadless(folder);
  expect(host.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/);
  const page = await fetch(host.url);
  expect(await page.text()).toContain('<title>Pentimento</title>');
  expect(await host.end()).toBe(0);
  await expect(fetch(host.url)).rejects.toThrow();
});

test('the first view of the workbench weighs less than 600 kB, gzipped', async () => {
  const assets = resolve(import.meta.dirname, '../../out/renderer/assets');
  let bytes = 0;
  for (const name of await readdir(assets))
    if (/\.(js|css)$/.test(name)) bytes += gzipSync(await readFile(join(assets, name))).length;
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(600_000);
});

test('a second one is told who holds the workspace, and after the first has ended it may start', async () => {
  host = await startHeadless(folder);
  const second = start('--data-dir', folder);
  expect(second.status).toBe(1);
  expect(second.stderr).toMatch(/^workspace_locked: .*Pentimento .*headless/);
  expect(second.stdout).toBe('');
  await host.end();
  host = await startHeadless(folder);
});

test('a taken port and a wrong option are explained', async () => {
  host = await startHeadless(folder);
  const { port } = new URL(host.url);
  const taken = start('--data-dir', join(folder, 'other'), '--port', port);
  expect([taken.status, taken.stderr]).toEqual([
    2,
    expect.stringContaining(`Port ${port} of 127.0.0.1 is taken`),
  ]);
  expect(start('--port', 'x').status).toBe(2);
  expect(start('--colour', 'blue').stderr).toContain('--data-dir DIR, --port P and --no-open');
});
