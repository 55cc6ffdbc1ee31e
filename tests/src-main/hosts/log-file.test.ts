/** The log: bounded, and a sentence of the program's own at the head of each event. */
import { EventEmitter } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { LogFile, logsFolder } from '#hosts/log-file.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

function capturing(log: LogFile) {
  const printed: unknown[][] = [];
  const target = {
    log: (...values: unknown[]) => printed.push(values),
    error: (...values: unknown[]) => printed.push(values),
  };
  const program = new EventEmitter();
  log.capture(target as unknown as Console, program);
  return { target, printed, program };
}

test('it is kept in files of a bounded size, the oldest of which go', () => {
  const folder = path.join(temporaryFolder(), 'logs');
  const log = new LogFile(folder, { bytes: 200, files: 3 });
  expect(existsSync(folder), 'nothing is made before something is told').toBe(false);
  const { target, printed } = capturing(log);
  for (let i = 0; i < 40; i += 1) target.error(`event ${i}`);
  expect(readdirSync(folder).toSorted()).toEqual(['pentimento.1.log', 'pentimento.2.log', 'pentimento.log']);
  for (const age of [0, 1, 2]) expect(statSync(log.path(age)).size).toBeLessThanOrEqual(200);
  expect(readFileSync(log.path(), 'utf8')).toContain('error event 39');
  expect(readFileSync(log.path(2), 'utf8')).not.toContain('event 0\n');
  expect(printed).toHaveLength(40);
});

test('what is told beside the sentence stands below it, so that it can be left out', () => {
  const log = new LogFile(path.join(temporaryFolder(), 'logs'));
  const { target } = capturing(log);
  target.error('closing failed:', new Error('/evidence/harbour.jpg\nis gone'));
  target.error(new Error('no sentence'));
  target.log('two\nlines');
  const lines = readFileSync(log.path(), 'utf8').split('\n');
  const heads = lines.filter((line) => /^\d{4}/.test(line)).map((line) => line.slice(25));
  expect(heads).toEqual(['error closing failed:', 'error something was told', 'info something was told']);
  expect(lines[1]).toBe('  Error: /evidence/harbour.jpg');
  expect(lines[2]).toBe('  is gone');
});

test('a fault that nobody catches is kept', () => {
  const log = new LogFile(path.join(temporaryFolder(), 'logs'));
  capturing(log).program.emit('uncaughtExceptionMonitor', new RangeError('out of range'));
  expect(readFileSync(log.path(), 'utf8')).toMatch(
    /error a fault was not caught:\n {2}RangeError: out of range/,
  );
});

test('a log that cannot be written stops nothing', () => {
  const file = path.join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  expect(() => new LogFile(path.join(file, 'logs')).write('error', 'x')).not.toThrow();
});

test('it lies beside the workspace, which may be open for reading only', () => {
  expect(logsFolder(path.join('/data', 'workspace'))).toBe(path.join('/data', 'workspace-logs'));
});
