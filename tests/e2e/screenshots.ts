/**
 * `npm run screenshots`: writes every page at three sizes in both themes into `screenshots/`, of a workspace that it makes:
 * a judged case, a dataset and a short training run of rendered scenes. Needs a build (`npm run build`) and a Chromium. Sizes and
 * themes named as arguments are the only ones taken: `npm run screenshots -- 1366x768-dark`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium as launcher, type Page } from 'playwright-core';
import { chromium, chromiumArguments } from '../support/chromium.ts';
import { commandLine } from '../support/command-line.ts';
import { startHeadless } from '../support/headless.ts';
import { makeReviewedWorkspace } from '../support/reviewed-workspace.ts';
import { screenshot } from '../support/workbench-page.ts';

const sizes = [
  [1366, 768],
  [1920, 1080],
  [2560, 1440],
] as const;
/** The compositor shows a frame only when every picture in it is decoded. */
const wholeFrames = ['--disable-checker-imaging', '--run-all-compositor-stages-before-draw'];
const asked = process.argv.slice(2);
/** File names of the plain pages, and the links that lead to them. */
const pageLinks = {
  '02-start': 'Start',
  '03-cases': 'Cases',
  '04-datasets': 'Datasets',
  '05-training': 'Training',
  '06-detection': 'Detection',
  '07-models': 'Models',
  '08-settings': 'Settings',
};

/** For the page: the pictures in view are there, a canvas has drawn its layers, and nothing has changed for a while. */
const isSettled = `(async () => {
  const inView = [...document.images].filter((image) => image.getBoundingClientRect().top < innerHeight);
  await Promise.all(inView.map((image) => image.decode().catch(() => undefined)));
  const drawn = !document.querySelector("[data-ready=false]");
  const unchanged = await new Promise((answer) => {
    const watch = new MutationObserver(() => answer(false));
    watch.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    setTimeout(() => (watch.disconnect(), answer(true)), 300);
  });
  return drawn && unchanged;
})()`;

const settled = async (page: Page): Promise<void> => {
  // `waitForFunction` takes a promise for an answer; each question takes its 300 ms.
  for (let asked = 0; !(await page.evaluate<boolean>(isSettled)); asked++)
    if (asked > 100) throw new Error(`${page.url()} does not come to rest.`);
};

const executablePath = chromium();
if (!executablePath) throw new Error('No Chromium: set CHROMIUM=/path/to/chromium.');

const folder = await mkdtemp(join(tmpdir(), 'pentimento-screenshots-'));
const workspace = join(folder, 'workspace');
const cli = (...args: string[]): string => commandLine(workspace, ...args);

try {
  const made = await makeReviewedWorkspace(workspace, join(folder, 'pictures'), {
    ...{ scenes: 14, width: 960, height: 640 },
  });
  const scenes = join(folder, 'pictures');
  cli('import', scenes, '--dataset', 'Harbour', '--label', 'real', '--allow-evidence', 'screenshots');
  for (const seed of ['0', '1'])
    cli(
      ...['train', '--dataset', 'Harbour', '--steps', '40', '--backend', 'ort', '--seed', seed],
      ...['--despite-findings', 'screenshots'],
    );
  cli('triage', scenes);
  const host = await startHeadless(workspace);
  const empty = await startHeadless();
  const browser = await launcher.launch({ executablePath, args: [...chromiumArguments, ...wholeFrames] });
  try {
    for (const [width, height] of sizes)
      for (const theme of ['dark', 'light'] as const) {
        const view = `${width}x${height}-${theme}`;
        if (asked.length > 0 && !asked.some((part) => view.includes(part))) continue;
        const context = await browser.newContext({ viewport: { width, height } });
        await context.addInitScript(
          (value) => localStorage.setItem('pentimento.preferences', JSON.stringify({ theme: value })),
          theme,
        );
        const take = (page: Page, name: string) => screenshot(page, `${view}/${name}`);
        const first = await context.newPage();
        await first.goto(empty.url);
        await first.getByRole('heading', { level: 1 }).waitFor();
        await take(first, '01-start-empty');
        await first.close();
        const page = await context.newPage();
        await page.goto(host.url);
        for (const [name, label] of Object.entries(pageLinks)) {
          const link = page
            .getByRole('navigation', { name: 'Pages' })
            .getByRole('link', { name: label, exact: true });
          await link.click();
          await link.and(page.locator('[aria-current=page]')).waitFor();
          await settled(page);
          await take(page, name);
        }
        await page.getByRole('link', { name: 'Browse the log' }).click();
        await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor();
        await settled(page);
        await take(page, '08-settings-audit-log');
        await takeTraining(page, take);
        await takeDataset(page, take);
        await takeCase(page, made.name, take);
        await takeTriage(page, take);
        await context.close();
      }
  } finally {
    await browser.close();
    await host.end();
    await empty.stop();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

type Take = (page: Page, name: string) => Promise<void>;

async function takeTraining(page: Page, take: Take): Promise<void> {
  await page.getByRole('link', { name: 'Training', exact: true }).click();
  await takeBelow(page, 'Theatre', take, '18-theatre');
  await takeBelow(page, 'Similarity of the kernels', take, '19-theatre-kernels');
  await page.getByRole('link', { name: 'Duplicate' }).click();
  await page.getByText(/^a run of 40 steps/).waitFor();
  await settled(page);
  await take(page, '15-training-form');
  await page.goBack();
  await page.getByRole('link', { name: 'Compare' }).click();
  await page
    .getByRole('checkbox', { name: /Harbour/ })
    .last()
    .check();
  await page.getByRole('img', { name: /^Totals/ }).waitFor();
  await settled(page);
  await take(page, '16-training-compare');
}

/** What is at the end of a page that scrolls. */
async function takeBelow(page: Page, heading: string, take: Take, name: string): Promise<void> {
  await page
    .getByRole('heading', { name: heading })
    .evaluate((element) => (element as unknown as { scrollIntoView(): void }).scrollIntoView());
  await settled(page);
  await take(page, name);
}

/** A dialog that a button of the page opens, which is closed again. */
async function takeDialog(page: Page, button: string, take: Take, name: string): Promise<void> {
  await page.getByRole('button', { name: button }).first().click();
  await page.getByRole('dialog').waitFor();
  await settled(page);
  await take(page, name);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

async function takeDataset(page: Page, take: Take): Promise<void> {
  await page.getByRole('link', { name: 'Datasets', exact: true }).click();
  await takeDialog(page, 'Import photographs', take, '21-dataset-import');
  await takeDialog(page, 'Render scenes', take, '22-dataset-scenes');
  await page.getByRole('listbox', { name: 'Pictures' }).focus();
  await page.keyboard.press('Home');
  await page.getByRole('button', { name: 'Paint mask' }).waitFor();
  await takeDialog(page, 'Paint mask', take, '23-dataset-mask');
  await page.getByRole('button', { name: 'Check the dataset' }).click();
  await page.getByRole('region', { name: 'Check' }).getByRole('listitem').first().waitFor();
  await page.getByRole('button', { name: 'Show versions' }).click();
  await page.getByRole('button', { name: 'Compare with now' }).first().click();
  await settled(page);
  await take(page, '24-dataset-check');
}

async function takeTriage(page: Page, take: Take): Promise<void> {
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Triage', exact: true }).click();
  const list = page.getByRole('listbox', { name: 'Results' });
  await list.getByRole('option').first().waitFor();
  await list.focus();
  await page.keyboard.press('ArrowDown');
  await settled(page);
  await take(page, '17-triage');
}

async function takeCase(page: Page, name: string, take: Take): Promise<void> {
  await page.getByRole('link', { name: 'Cases', exact: true }).click();
  await takeDialog(page, 'New case', take, '25-case-new');
  await page.getByRole('link', { name }).click();
  const list = page.getByRole('listbox', { name: 'Evidence' });
  await list.getByRole('option').first().waitFor();
  await list.focus();
  await page.keyboard.press('ArrowRight');
  await settled(page);
  await take(page, '09-case-grid');
  await page.keyboard.press('v');
  await take(page, '10-case-table');
  await page.keyboard.press('v');
  await takeDialog(page, 'Take in', take, '26-case-intake');
  await takeDialog(page, 'Report', take, '27-case-report');
  await list.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('b');
  for (const side of [1, 2])
    await page
      .getByRole('region', { name: `Picture ${side} of 2` })
      .locator('canvas[data-layers=simulation][data-ready=true]')
      .waitFor();
  await settled(page);
  await take(page, '29-review-pair');
  await page.getByRole('link', { name: 'Back to the list' }).click();
  await list.focus();
  await page.keyboard.press('Home');
  await page.getByRole('link', { name: 'Review' }).click();
  await page.locator('canvas[data-layers="simulation"][data-ready=true]').waitFor();
  await take(page, '11-review');
  await page.keyboard.press('w');
  await page.locator('canvas[data-layers="simulation original"][data-ready=true]').waitFor();
  await take(page, '12-review-swipe');
  await page.keyboard.press('d');
  await settled(page);
  await take(page, '30-review-side-by-side');
  await page.keyboard.press('m');
  await page.getByRole('button', { name: 'Measure what is seen' }).click();
  await takeBelow(page, 'Measured', take, '31-review-measured');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+m');
  await page.getByRole('dialog', { name: 'Messages' }).waitFor();
  await take(page, '32-messages');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('w');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Find a command' }).waitFor();
  await take(page, '13-commands');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await take(page, '14-shortcuts');
}
