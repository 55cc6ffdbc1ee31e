/**
 * The main job through the workbench's own controls, in a real Chromium against the real, built headless host: import a
 * folder, train for 30 steps, see losses and theatre, judge a picture, see verdict and maps. Nothing is stood in for.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { renderScenes } from '#features/samples/scene-renderer.ts';
import { browserSession, MINUTE, nothingComplained, withoutChromium } from '../support/browser-session.ts';
import { paintedVariance, screenshot, seriousViolations } from '../support/workbench-page.ts';

const SCENES = 40;
const STEPS = 30;
/** A blank map has variance 0; a map that shows anything has more than this, in squared byte levels. */
const NOT_BLANK = 1;

/** Every page, and how a test recognises that it has been shown. */
const pages = ['Start', 'Cases', 'Datasets', 'Training', 'Detection', 'Models', 'Settings'] as const;
async function writeScenes(into: string): Promise<void> {
  await mkdir(into);
  for await (const scene of renderScenes({ count: SCENES, seed: 5, width: 256, height: 192 }))
    await writeFile(join(into, scene.name), scene.bytes);
  await writeFile(join(into, 'notes.jpg'), 'This is a text, whatever its name says.');
}

describe.skipIf(withoutChromium)('the main line in Chromium', () => {
  const session = browserSession(({ folder }) => writeScenes(join(folder, 'scenes')));
  const open = (name: (typeof pages)[number]) =>
    session.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name, exact: true }).click();

  /** The variance of the picture without a layer over it. */
  async function pictureAlone(canvas: Locator): Promise<number> {
    const { page } = session;
    await page.getByRole('radio', { name: 'Picture alone', exact: true }).check();
    await page.locator('canvas[data-layers="original"][data-ready=true]').waitFor();
    return paintedVariance(canvas);
  }

  test('an empty workbench explains itself and offers two ways to begin', async () => {
    const { page } = session;
    await page.getByRole('heading', { name: 'See what was painted over.' }).waitFor();
    await page.getByRole('button', { name: 'Render sample scenes and train' }).waitFor();
    expect(page.url()).not.toContain('token');
    await screenshot(page, '1-start');
  });

  test('a folder is imported, and what was refused is named with its reason', async () => {
    const { page, folder } = session;
    await page.getByRole('button', { name: 'Import photographs' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import photographs' });
    await dialog.getByLabel('Folder on the host').fill(join(folder, 'scenes'));
    await dialog.getByRole('button', { name: 'Open', exact: true }).click();
    await dialog.getByText(/^4[01] pictures here$/).waitFor();
    await dialog.getByRole('button', { name: /^Import this folder/ }).click();
    await dialog.getByText('Give the dataset a name.').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByLabel('Dataset').fill('Scenes of the test');
    await dialog.getByRole('button', { name: /^Import this folder/ }).click();
    await page.getByText(`${SCENES} added`).waitFor();
    await page.getByText('1 refused').waitFor();
    await page.getByText('Refused, and why').waitFor();
    await page.getByRole('heading', { name: 'Scenes of the test', level: 1 }).waitFor();
    await page
      .getByRole('img', { name: /256 by 192 pixels$/ })
      .first()
      .waitFor();
    await screenshot(page, '2-datasets');
  });

  test('a run of 30 steps shows its losses while it trains, then its model', async () => {
    const { page } = session;
    await page.getByRole('link', { name: 'Train on this dataset' }).click();
    await page.getByLabel('Detector steps').check();
    await page.getByLabel('Detector steps').last().fill(String(STEPS));
    await page.getByLabel('Backend').selectOption('wasm');
    await screenshot(page, '3-training-form');
    await page.getByRole('button', { name: 'Start training' }).click();
    const losses = page.getByRole('img', { name: /^Losses: / });
    await page
      .getByRole('img', { name: /^Losses: [1-9]\d* points? up to step [1-9]/ })
      .waitFor({ timeout: 3 * MINUTE });
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    expect(await paintedVariance(losses)).toBeGreaterThan(NOT_BLANK);
    await page.getByRole('link', { name: 'Open its model' }).waitFor({ timeout: 4 * MINUTE });
    expect(await losses.getAttribute('aria-label')).toMatch(new RegExp(`up to step ${STEPS}\\.`));
    await screenshot(page, '4-training-run');
  });

  test('the theatre shows pictures, masks, maps and spectra that are not blank', async () => {
    const { page } = session;
    const sample = page.getByRole('article', { name: 'Sample 1' });
    await sample.scrollIntoViewIfNeeded();
    for (const name of ['Reference x_r', 'Real x_s', 'Blended x_B', 'Styled x_T']) {
      const picture = sample.getByRole('img', { name });
      await expect
        .poll(() => picture.evaluate((img) => (img as unknown as { naturalWidth: number }).naturalWidth))
        .toBeGreaterThan(0);
    }
    for (const name of [
      'Fused mask M',
      'Fused map P',
      'Mask M_1',
      'Map P_1',
      'Global spectrum',
      'Local residual',
    ]) {
      const map = sample.getByRole('img', { name: `${name}, as` });
      await expect
        .poll(() => paintedVariance(map), { message: name, timeout: MINUTE })
        .toBeGreaterThan(NOT_BLANK);
    }
    await screenshot(page, '5-theatre');
  });

  test('a picture is judged: verdict, reason and score without a percentage', async () => {
    const { page, folder } = session;
    await open('Detection');
    await page.getByRole('button', { name: 'Judge pictures' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Judge pictures' });
    await dialog.getByLabel('Folder on the host').fill(join(folder, 'scenes'));
    await dialog.getByRole('button', { name: 'Open', exact: true }).click();
    await dialog
      .getByRole('checkbox', { name: /^Choose / })
      .first()
      .check();
    expect(await seriousViolations(page)).toEqual([]);
    await screenshot(page, '6-judge');
    await dialog.getByRole('button', { name: 'Judge 1 path' }).click();
    await page.getByText('Log-likelihood ratio').waitFor({ timeout: 2 * MINUTE });
    const facts = page.getByRole('complementary', { name: 'Facts' });
    expect(await facts.textContent()).toMatch(/Score\s*[+\u2212]?\d+\.\d\d/);
    expect(await facts.textContent()).toContain('not calibrated');
    await facts.getByText('Why').waitFor();
  });

  test('each layer over the picture and the global spectrum shows a map that is not blank', async () => {
    const { page } = session;
    const spectral = ['Local block spectrum', 'Low-rank residual'];
    const layers = ['Simulation map P', 'Simulated-real map P_1', ...spectral, 'Tile scores'];
    const ids = ['simulation', 'kernel-1', 'local-spectrum', 'low-rank-residual', 'tile-scores'];
    const canvas = page.getByRole('application').locator('canvas');
    const without = await pictureAlone(canvas);
    for (const [i, name] of layers.entries()) {
      await page.getByRole('radio', { name, exact: true }).check();
      await page.locator(`canvas[data-layers="${ids[i]}"][data-ready=true]`).waitFor();
      const painted = await paintedVariance(canvas);
      expect({ name, painted: painted > NOT_BLANK && painted !== without }).toEqual({ name, painted: true });
    }
    const spectrum = page.locator('aside').getByRole('img', { name: 'Global spectrum, as' });
    await expect.poll(() => paintedVariance(spectrum), { timeout: MINUTE }).toBeGreaterThan(NOT_BLANK);
    await page.getByRole('radio', { name: 'Simulation map P', exact: true }).check();
    await screenshot(page, '6-detection');
  });

  test('scenes that the program renders are labelled as rendered', async () => {
    const { page } = session;
    await open('Datasets');
    await page.getByRole('button', { name: 'Render scenes' }).click();
    const dialog = page.getByRole('dialog', { name: 'Render sample scenes' });
    await dialog.getByLabel('Scenes').fill('4');
    await dialog.getByRole('button', { name: 'Render', exact: true }).click();
    await page.getByRole('heading', { name: 'Sample scenes', level: 1 }).waitFor();
    await page.getByRole('link', { name: /Sample scenes.*Rendered/ }).waitFor();
    await page.getByRole('figure').first().getByText('Rendered', { exact: true }).waitFor();
    await screenshot(page, '2-rendered-scenes');
  });

  test('the model has a passport and can be downloaded', async () => {
    const { page } = session;
    await open('Models');
    const link = page.getByRole('link', { name: 'Download ONNX' });
    await page.getByText('Scenes of the test').first().waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    expect(download.suggestedFilename()).toMatch(/\.onnx$/);
    await screenshot(page, '7-models');
  });

  test('no page breaks a serious rule of accessibility, in the dark and in the light', async () => {
    const { page } = session;
    for (const theme of ['Light theme', 'Dark theme']) {
      await page.getByRole('button', { name: theme }).click();
      for (const name of pages) {
        await open(name);
        await page.getByRole('main').waitFor();
        expect({ theme, name, broken: await seriousViolations(page) }).toEqual({ theme, name, broken: [] });
        if (theme === 'Light theme') await screenshot(page, `8-light-${name.toLowerCase()}`);
      }
    }
    await open('Settings');
    await screenshot(page, '9-settings');
  });

  nothingComplained(session);
});
