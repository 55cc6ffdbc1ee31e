/**
 * One real Chromium on the real, built headless host over a temporary workspace, for the tests of one `describe`. Each test
 * stands on the one before it: after a failure the others are skipped by name.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium as launcher, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { chromium, chromiumArguments } from './chromium.ts';
import { killHeadless, startHeadless, type Headless } from './headless.ts';
import { complaints } from './workbench-page.ts';

export const MINUTE = 60_000;
const executablePath = chromium();
/** Where there is none, the tests are skipped. */
export const withoutChromium = executablePath === null;

export interface BrowserSession {
  readonly page: Page;
  /** Beside the workspace, for pictures. */
  readonly folder: string;
  readonly workspace: string;
  /** What the page has complained of so far; see `complaints`. */
  readonly heard: string[];
  readonly host: Headless;
  /** Ends the host, does something to the workspace, and starts a host on it again; the page is not told. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
}

/**
 * Registers the hooks of the `describe` that calls it, and answers with what they open.
 * @param prepare makes pictures in the folder, or the workspace, before the host starts
 */
export function browserSession(
  prepare: (places: { folder: string; workspace: string }) => Promise<void> = async () => undefined,
): BrowserSession {
  let opened: { folder: string; workspace: string; host: Headless; page: Page; heard: string[] };
  let browser: Browser | undefined;
  afterAll(killHeadless); // Of these hooks the first is called last.
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pentimento-browser-'));
    const workspace = join(folder, 'workspace');
    await prepare({ folder, workspace });
    const host = await startHeadless(workspace);
    browser = await launcher.launch({ executablePath: executablePath!, args: chromiumArguments });
    const page = await (await browser.newContext({ viewport: { width: 1366, height: 768 } })).newPage();
    page.setDefaultTimeout(MINUTE);
    opened = { folder, workspace, host, page, heard: complaints(page) };
    await page.goto(host.url);
    await page.getByRole('main').waitFor(); // Before that no key is heard.
  });
  let failed: string | undefined;
  beforeEach(({ skip }) => skip(failed !== undefined, `after the failure of "${failed}"`));
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') failed ??= task.name;
  });
  afterAll(async () => {
    await browser?.close();
    await opened?.host.end();
    if (opened) await rm(opened.folder, { recursive: true, force: true });
  });
  return {
    get page() {
      return opened.page;
    },
    get folder() {
      return opened.folder;
    },
    get workspace() {
      return opened.workspace;
    },
    get heard() {
      return opened.heard;
    },
    get host() {
      return opened.host;
    },
    async restart(meanwhile = async () => undefined) {
      await opened.host.end();
      await meanwhile();
      opened.host = await startHeadless(opened.workspace);
    },
  };
}

/** The last test of a session. `expected` takes out what the tests themselves brought about. */
export const nothingComplained = (
  session: BrowserSession,
  expected: (complaint: string) => boolean = () => false,
): void =>
  test('nothing was complained of on the console', () => {
    expect(session.heard.filter((one) => !expected(one))).toEqual([]);
  });
