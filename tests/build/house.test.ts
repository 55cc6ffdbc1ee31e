/** The scripts behind the commands, in a checkout where nothing is installed. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const project = resolve(import.meta.dirname, '../..');
let checkout: string;
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'pentimento-house-'));
  cpSync(join(project, 'build'), join(checkout, 'build'), { recursive: true });
  const places = 'src-main/hosts/node/chromium-places.json';
  for (const file of ['package.json', places]) cpSync(join(project, file), join(checkout, file));
  writeFileSync(
    join(checkout, 'package-lock.json'),
    JSON.stringify({ packages: { '': {}, 'node_modules/a': { version: '1.0.0' } } }),
  );
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));

/** Runs a script with no program on the PATH, so that npm cannot be found. */
const run = (...args: string[]) =>
  spawnSync(process.execPath, args, { cwd: checkout, encoding: 'utf8', env: { PATH: checkout } });
const recordInstalled = (packages: object) => {
  mkdirSync(join(checkout, 'node_modules'), { recursive: true });
  writeFileSync(join(checkout, 'node_modules', '.package-lock.json'), JSON.stringify({ packages }));
};

test('the command line installs nothing and says what is missing', () => {
  const { status, stdout, stderr } = run('build/cli.mjs', 'doctor');
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain('run `npm ci` once');
});

test.each(['build/start.mjs', 'build/test.mjs'])(
  '%s says that it installs, and ends clearly where it cannot',
  (script) => {
    const { status, stderr } = run(script);
    expect(status).toBe(1);
    expect(stderr).toMatch(/installing the dependencies .*one to three minutes/);
    expect(stderr).toContain('`npm ci` failed');
    expect(stderr).not.toContain('    at ');
  },
);

test('what is installed is not installed again, until the lockfile changes', () => {
  recordInstalled({ 'node_modules/a': { version: '1.0.0' } });
  expect(run('build/install.mjs')).toMatchObject({ status: 0, stderr: '' });
  const changed = { packages: { '': {}, 'node_modules/a': { version: '1.0.1' } } };
  writeFileSync(join(checkout, 'package-lock.json'), JSON.stringify(changed));
  expect(run('build/install.mjs')).toMatchObject({ status: 1 });
});

test('a package that is absent is installed, unless it is for another platform', () => {
  const lock = { '': {}, 'node_modules/b': { version: '1.0.0', optional: true } };
  writeFileSync(join(checkout, 'package-lock.json'), JSON.stringify({ packages: lock }));
  recordInstalled({});
  expect(run('build/install.mjs').status).toBe(0);
  const both = { ...lock, 'node_modules/c': { version: '1.0.0' } };
  writeFileSync(join(checkout, 'package-lock.json'), JSON.stringify({ packages: both }));
  expect(run('build/install.mjs').status).toBe(1);
});

test('a failed download is not tried again for a day', () => {
  mkdirSync(join(checkout, 'node_modules'));
  const script = `import { failedLately, remember } from ${JSON.stringify(pathToFileURL(join(checkout, 'build/house/attempt.mjs')))};
    remember('chromium', false);
    console.log(failedLately('chromium'), failedLately('electron'));`;
  expect(run('--input-type=module', '-e', script).stdout).toBe('true false\n');
  const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000);
  utimesSync(join(checkout, 'node_modules', '.pentimento-without-chromium'), yesterday, yesterday);
  const again = script.replace("remember('chromium', false);", '');
  expect(run('--input-type=module', '-e', again).stdout).toBe('false false\n');
});
