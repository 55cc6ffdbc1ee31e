/**
 * Training through the workbench's own controls, in a real Chromium against the real, built headless host with real training:
 * what a run will take, pausing and going on, making a run again, and runs beside each other.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderScenes } from '#features/samples/scene-renderer.ts';
import { browserSession, MINUTE, nothingComplained, withoutChromium } from '../support/browser-session.ts';
import { commandLine } from '../support/command-line.ts';
import { screenshot, seriousViolations } from '../support/workbench-page.ts';

const STEPS = 80;

describe.skipIf(withoutChromium)('training in Chromium', () => {
  const session = browserSession(async ({ folder, workspace }) => {
    const scenes = join(folder, 'scenes');
    await mkdir(scenes);
    for await (const { name, bytes } of renderScenes({ count: 30, seed: 8, width: 192, height: 144 }))
      await writeFile(join(scenes, name), bytes);
    commandLine(workspace, 'import', scenes, '--dataset', 'Harbour', '--label', 'real');
  });
  const state = (name: string) =>
    session.page.getByRole('main').locator('header').getByText(name, { exact: true }).first();

  test('before a run nothing is known of its time; a measurement of some seconds tells time and memory', async () => {
    const { page } = session;
    await page.getByRole('link', { name: 'Training', exact: true }).click();
    const pace = page.getByRole('region', { name: 'What it will take' });
    await pace.getByText(/^Nothing like this run was trained here yet/).waitFor();
    await page.getByLabel('Backend').selectOption('ort');
    await page.getByRole('button', { name: 'Quick look' }).click();
    expect(await page.getByLabel('Minutes of training').inputValue()).toBe('5');
    await page.getByLabel('Backend').selectOption('ort');
    await pace.getByRole('button', { name: 'Measure now' }).click();
    await pace.getByText(/^Measuring: it trains for some seconds/).waitFor();
    await pace.getByText(/^a measurement of \d+ steps/).waitFor({ timeout: 2 * MINUTE });
    expect(await pace.textContent()).toMatch(/about [\d,]+ steps in 5 min 00 s/);
    expect(await pace.textContent()).toMatch(/[\d.]+ [MG]iB measured, and up to 2\.0 GiB for photographs/);
    expect(await seriousViolations(page)).toEqual([]);
    await screenshot(page, '15-training-pace');
  });

  test('a run is started with the keyboard, paused, still paused after the host was started anew, and goes on', async () => {
    const { page } = session;
    await page.getByLabel('Detector steps').check();
    await page.getByLabel('Detector steps').last().fill(String(STEPS));
    await page.keyboard.press('Enter');
    await page
      .getByRole('img', { name: /^Losses: [1-9]\d* points? up to step/ })
      .waitFor({ timeout: 3 * MINUTE });
    await page.getByRole('button', { name: 'Pause' }).focus();
    await page.keyboard.press('Enter');
    await state('Paused').waitFor();
    const before = session.heard.length;
    await session.restart();
    const address = new URL(page.url()).hash;
    await page.goto(session.host.url);
    await page.evaluate(
      (to) => void ((globalThis as unknown as { location: { hash: string } }).location.hash = to),
      address,
    );
    await state('Paused').waitFor();
    session.heard.splice(before);
    await page.getByRole('button', { name: 'Resume' }).click();
    await state('Training').or(state('Running')).waitFor();
    await page.getByRole('link', { name: 'Open its model' }).waitFor({ timeout: 5 * MINUTE });
    await page.getByText(`The run goes on from the checkpoint`, { exact: false }).waitFor();
  });

  test('the similarity of the kernels stands in the theatre, 1 on its diagonal', async () => {
    const { page } = session;
    const matrices = page.getByRole('region', { name: 'Similarity of the kernels' }).getByRole('table');
    await expect.poll(() => matrices.count(), { timeout: MINUTE }).toBe(2);
    for (const matrix of await matrices.all()) {
      const cells = await matrix.locator('td.value').allTextContents();
      expect(cells).toHaveLength(16);
      for (const at of [0, 5, 10, 15]) expect(cells[at]).toBe('+1.00');
    }
    await matrices.first().scrollIntoViewIfNeeded();
    await screenshot(page, '16-kernel-similarity');
  });

  test('a run is made again with another seed, and both stand beside each other with what differs', async () => {
    const { page } = session;
    await page.getByRole('link', { name: 'Duplicate' }).click();
    const pace = page.getByRole('region', { name: 'What it will take' });
    await pace.getByText(new RegExp(`^a run of ${STEPS} steps`)).waitFor();
    expect(await page.getByLabel('Detector steps').last().inputValue()).toBe(String(STEPS));
    await page.getByLabel('Seed').fill('7');
    await page.getByRole('button', { name: 'Start training' }).click();
    await page
      .getByRole('img', { name: /^Losses: [1-9]\d* points? up to step/ })
      .waitFor({ timeout: 3 * MINUTE });
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await state('Interrupted').waitFor();
    await page.getByRole('link', { name: 'Compare' }).click();
    await page.getByText('Choose at least two runs.').waitFor();
    await page
      .getByRole('checkbox', { name: /Harbour/ })
      .last()
      .check();
    await page.getByRole('img', { name: /^Totals: Detector: .*Run 1 .*Run 2 / }).waitFor();
    const differs = page.getByRole('region', { name: 'What differs' });
    const row = differs.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'Seed' }) });
    expect(await row.getByRole('cell').allTextContents()).toEqual(['7', '0']);
    expect(await differs.getByRole('rowheader', { name: 'kernels' }).count()).toBe(0);
    await differs.getByLabel('Show what is the same too').check();
    await differs.getByRole('rowheader', { name: 'kernels' }).waitFor();
    await differs.getByLabel('Show what is the same too').uncheck();
    for (const theme of ['Light theme', 'Dark theme']) {
      await page.getByRole('button', { name: theme }).click();
      expect(await seriousViolations(page)).toEqual([]);
      await screenshot(page, `17-compare-${theme.slice(0, 4).trim().toLowerCase()}`);
    }
  });

  nothingComplained(session);
});
