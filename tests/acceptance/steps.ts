/**
 * The checklist that a person with the real runtime runs once: the main job through the workbench's own controls. The same
 * steps run on the headless workbench in a plain Chromium, so that the list itself is tested where there is no runtime.
 */
import type { Page } from 'playwright-core';
import { renderScenes } from '#features/samples/scene-renderer.ts';
import { dropFile, paintedVariance } from '../support/workbench-page.ts';

export interface Checklist {
  page: Page;
  host: 'electron' | 'headless';
}
export interface Step {
  title: string;
  /** Answers with what was seen. @throws Error where it is not as it has to be */
  perform(list: Checklist): Promise<string>;
}

const MINUTE = 60_000;
const CASE = 'Acceptance';

function expectThat(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

async function open(page: Page, name: string): Promise<void> {
  const link = page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name, exact: true });
  await link.click();
  await link.and(page.locator('[aria-current=page]')).waitFor();
}

const shows: Step = {
  title: 'the window shows the workbench, from its own scheme',
  async perform({ page, host }) {
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    const address = new URL(page.url());
    expectThat(host === 'headless' || address.protocol === 'app:', `The page is ${address.href}.`);
    return `${await page.title()}, ${address.protocol}`;
  },
};

const sealed: Step = {
  title: 'the page has nothing of Node and reaches no network',
  async perform({ page }) {
    const found = await page.evaluate(async () => ({
      node: ['require', 'process', 'module', 'Buffer'].filter((name) => name in globalThis),
      reached: await fetch('https://example.invalid/').then(
        () => true,
        () => false,
      ),
      isolated: (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true,
    }));
    expectThat(found.node.length === 0, `The page has ${found.node.join(', ')}.`);
    expectThat(!found.reached, 'A request to another place was answered.');
    return `isolated: ${found.isolated}`;
  },
};

const settings: Step = {
  title: 'the settings page names the host, its versions and what the machine offers',
  async perform({ page, host }) {
    await open(page, 'Settings');
    const about = page.locator('section', { has: page.getByRole('heading', { name: 'About', exact: true }) });
    await about
      .getByText(host === 'electron' ? 'Desktop window' : 'Headless workbench')
      .waitFor({ timeout: MINUTE });
    const ready = await page.getByText('Ready', { exact: true }).count();
    expectThat(ready > 0, 'No backend is ready.');
    return `${(await about.innerText()).replaceAll(/\s+/g, ' ').slice(0, 300)}; ${ready} backends ready`;
  },
};

const train: Step = {
  title: 'sample scenes are rendered, a detector is trained on them, and its model is there',
  async perform({ page }) {
    await open(page, 'Start');
    await page.getByRole('button', { name: 'Render sample scenes and train' }).click();
    const model = page.getByRole('link', { name: 'Open its model' });
    await model.waitFor({ timeout: 15 * MINUTE });
    const losses = page.getByRole('img', { name: /^Losses: / });
    expectThat((await paintedVariance(losses)) > 1, 'The losses are not drawn.');
    return String(await losses.getAttribute('aria-label'));
  },
};

const takeIn: Step = {
  title: 'a case is made, and pictures that are dropped on it are taken in',
  async perform({ page }) {
    await open(page, 'Cases');
    await page.getByRole('button', { name: 'New case' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'New case' });
    await dialog.getByLabel('Name').fill(CASE);
    await dialog.getByRole('button', { name: 'Create case' }).click();
    await page.getByRole('heading', { name: CASE, level: 1 }).waitFor();
    for await (const { name, bytes } of renderScenes({ count: 2, seed: 77, width: 320, height: 240 }))
      await dropFile(page, '.case', name, bytes);
    const items = page.getByRole('listbox', { name: 'Evidence' }).getByRole('option');
    await items.nth(1).waitFor({ timeout: MINUTE });
    return `${await items.count()} pictures`;
  },
};

const judge: Step = {
  title: 'the pictures are judged, and a picture shows its verdict and its map',
  async perform({ page }) {
    await page.getByRole('button', { name: 'Judge', exact: true }).click();
    const list = page.getByRole('listbox', { name: 'Evidence' });
    await list
      .getByText(/^(Real|Simulated|Inconclusive)$/)
      .nth(1)
      .waitFor({ timeout: 5 * MINUTE });
    await list.focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('link', { name: 'Review' }).click();
    const canvas = page.locator('canvas[data-layers="simulation"][data-ready=true]');
    await canvas.waitFor({ timeout: MINUTE });
    expectThat((await paintedVariance(canvas)) > 1, 'The map is blank.');
    const facts = page.getByRole('complementary', { name: 'Facts' });
    await facts.getByText('Why', { exact: true }).waitFor();
    return (await facts.innerText()).replaceAll(/\s+/g, ' ').slice(0, 200);
  },
};

const report: Step = {
  title: 'a report of the case is written as HTML and as PDF',
  async perform({ page }) {
    await open(page, 'Cases');
    await open(page, 'Cases');
    await page.getByRole('link', { name: CASE, exact: true }).click();
    await page.getByRole('button', { name: 'Report', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Reports of this case' });
    const sizes: string[] = [];
    for (const format of ['HTML', 'PDF']) {
      await dialog.getByRole('button', { name: `Write ${format}` }).click();
      const line = dialog.getByText(new RegExp(`, ${format}, `));
      await line.waitFor({ timeout: 2 * MINUTE });
      sizes.push((await line.innerText()).trim());
    }
    await page.keyboard.press('Escape');
    return sizes.join('; ');
  },
};

const reopened: Step = {
  title: 'started again, the window finds the case among the recent ones',
  async perform({ page }) {
    await open(page, 'Start');
    await page.getByRole('heading', { name: 'Recent cases' }).waitFor();
    await page.getByRole('link', { name: CASE }).click();
    const items = page.getByRole('listbox', { name: 'Evidence' }).getByRole('option');
    await items.nth(1).waitFor();
    return `${await items.count()} pictures`;
  },
};

/** Before the program is ended, and after it was started again. */
export const steps = {
  first: [shows, sealed, settings, train, takeIn, judge, report],
  again: [reopened],
} as const;
/** Needs minutes; a model that is there already does as well for the steps after it. */
export const trainingStep: Step = train;
