/**
 * `npm run acceptance -- [--program PATH] [--rehearse] [--out FILE]`: ten minutes that a person with the real runtime spends
 * once. Starts the packaged program, does the main job in its window, and writes what was seen to a result file.
 *
 * Ends with 0 where every step passed, 1 where one failed, 2 for wrong arguments, and 4 where the program cannot be run on
 * this machine: then nothing was accepted, and the result says why. `--rehearse` performs the list on the headless workbench
 * in a plain Chromium, which proves the list and nothing of Electron.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { arch, release, tmpdir, type } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium as launcher } from 'playwright-core';
import { chromium, chromiumArguments } from '../support/chromium.ts';
import { killHeadless, startHeadless } from '../support/headless.ts';
import { notRun, performSteps, type StepResult } from './checklist.ts';
import { findProgram, obstacle, startProgram } from './packaged-program.ts';
import { steps } from './steps.ts';

type Outcome = 'accepted' | 'failed' | 'rehearsed' | 'could not be run';
const statuses: Record<Outcome, number> = { accepted: 0, failed: 1, rehearsed: 0, 'could not be run': 4 };

function readArguments() {
  try {
    return parseArgs({
      options: {
        program: { type: 'string' },
        rehearse: { type: 'boolean', default: false },
        out: { type: 'string', default: 'acceptance-result.json' },
      },
    }).values;
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : cause);
    process.exit(2);
  }
}

const { program: named, rehearse, out } = readArguments();
const all = [...steps.first, ...steps.again];
const say = ({ title, state, seconds, seen }: StepResult): void =>
  console.log(`${state === 'passed' ? 'passed' : 'FAILED'}  ${title} (${seconds} s)\n        ${seen}`);

const failedIn = (results: readonly StepResult[]): boolean => results.some(({ state }) => state === 'failed');

async function ofProgram(program: string, home: string): Promise<StepResult[]> {
  const first = await startProgram(program, home);
  const begun = await performSteps(steps.first, { page: first.page, host: 'electron' }, say);
  if (failedIn(begun)) {
    await first.kill();
    return [...begun, ...notRun(steps.again)];
  }
  const status = await first.quit();
  const quit: StepResult = {
    title: 'closing the window ends the program',
    state: status === 0 ? 'passed' : 'failed',
    seconds: 0,
    seen: `exit status ${status}`,
  };
  say(quit);
  const second = await startProgram(program, home);
  const again = await performSteps(steps.again, { page: second.page, host: 'electron' }, say);
  await second.quit();
  return [...begun, quit, ...again];
}

async function rehearsal(folder: string): Promise<StepResult[]> {
  const executablePath = chromium();
  if (!executablePath) throw new Error('No Chromium to rehearse in: set CHROMIUM=/path/to/chromium.');
  const browser = await launcher.launch({ executablePath, args: chromiumArguments });
  const results: StepResult[] = [];
  try {
    for (const list of [steps.first, steps.again]) {
      const host = await startHeadless(join(folder, 'workspace'));
      const page = await browser.newPage();
      await page.goto(host.url);
      results.push(
        ...(failedIn(results) ? notRun(list) : await performSteps(list, { page, host: 'headless' }, say)),
      );
      await page.close();
      await host.end();
    }
    return results;
  } finally {
    killHeadless();
    await browser.close();
  }
}

function write(outcome: Outcome, why: string, results: readonly StepResult[], program: string | null): void {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    version: string;
  };
  const result = {
    ...{ outcome, why, version, program },
    system: `${type()} ${release()} ${arch()}`,
    at: new Date().toISOString(),
    steps: results,
  };
  writeFileSync(out, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`${outcome}${why ? `: ${why}` : ''}\nwritten to ${resolve(out)}`);
  process.exitCode = statuses[outcome];
}

const program = named === undefined ? findProgram() : resolve(named);
const why = rehearse ? null : obstacle(program);
if (why !== null) write('could not be run', `${why} No step was run.`, notRun(all), program);
else {
  const folder = mkdtempSync(join(tmpdir(), 'pentimento-acceptance-'));
  try {
    const results = rehearse ? await rehearsal(folder) : await ofProgram(program!, folder);
    const good = rehearse ? 'rehearsed' : 'accepted';
    const note = rehearse ? 'on the headless workbench in Chromium; nothing of Electron was seen' : '';
    write(failedIn(results) ? 'failed' : good, note, results, rehearse ? null : program);
  } catch (cause) {
    write('failed', cause instanceof Error ? cause.message : String(cause), notRun(all), program);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
