/** Curating a dataset in a real Chromium against the real, built headless host: choosing, labelling and undoing by keyboard. */
import { describe, expect, test } from 'vitest';
import { createDatasets } from '#features/datasets/create-datasets.ts';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import { Workspace } from '#storage/workspace.ts';
import { browserSession, MINUTE, nothingComplained, withoutChromium } from '../support/browser-session.ts';
import { screenshot, seriousViolations } from '../support/workbench-page.ts';

describe.skipIf(withoutChromium)('a dataset in Chromium', () => {
  const session = browserSession();

  const grid = () => session.page.getByRole('listbox', { name: 'Pictures' });
  const chosen = () => grid().locator('[aria-selected=true]').count();
  const labelled = (label: string) => grid().getByText(label, { exact: true }).count();
  const placed = (split: string) =>
    grid()
      .getByText(new RegExp(`^${split}( ·|$)`))
      .count();

  test('scenes are rendered into a dataset and lie in its grid', async () => {
    const { page } = session;
    await page.keyboard.press('Alt+3');
    await page.getByRole('button', { name: 'Render scenes' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Render sample scenes' });
    await dialog.getByLabel('Dataset').fill('curated');
    await dialog.getByLabel('Scenes').fill('8');
    await dialog.getByRole('button', { name: 'Render' }).click();
    await expect.poll(() => labelled('Real'), { timeout: 2 * MINUTE }).toBe(8);
  });

  test('pictures are chosen and labelled with keys alone, and each edit is taken back and made again', async () => {
    const { page } = session;
    await grid().focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await expect.poll(chosen, { timeout: MINUTE }).toBe(3);
    await page.keyboard.press('3');
    await expect.poll(() => labelled('Simulated'), { timeout: MINUTE }).toBe(3);
    expect(await seriousViolations(page)).toEqual([]);
    await screenshot(page, '16-dataset-labelled');
    await page.keyboard.press('Control+z');
    await expect.poll(() => labelled('Simulated'), { timeout: MINUTE }).toBe(0);
    await page.keyboard.press('Control+Shift+z');
    await expect.poll(() => labelled('Simulated'), { timeout: MINUTE }).toBe(3);
  });

  test('the chosen ones get a category and leave the dataset, and come back with all that was said of them', async () => {
    const { page } = session;
    const bar = page.getByRole('toolbar', { name: 'Edit the chosen pictures' });
    await bar.getByRole('combobox', { name: 'Set' }).selectOption('Category');
    await page.getByRole('dialog').getByLabel('Category', { exact: true }).fill('splice');
    await page.keyboard.press('Enter');
    await page.getByText('3 pictures: category "splice".').waitFor();
    await grid().focus();
    await page.keyboard.press('Delete');
    await expect.poll(() => labelled('Simulated'), { timeout: MINUTE }).toBe(0);
    expect(await labelled('Real')).toBe(5);
    await page.keyboard.press('Control+z');
    await expect.poll(() => labelled('Simulated'), { timeout: MINUTE }).toBe(3);
  });

  test('under a filter, what a label takes out of sight is chosen no more', async () => {
    const { page } = session;
    await page.getByRole('group', { name: 'Label' }).getByRole('radio', { name: 'Simulated' }).check();
    await expect.poll(() => grid().getByRole('option').count(), { timeout: MINUTE }).toBe(3);
    await grid().focus();
    await page.keyboard.press('Control+a');
    await expect.poll(chosen, { timeout: MINUTE }).toBe(3);
    await page.keyboard.press('1');
    await page.getByText('No picture of this dataset matches the filter.').waitFor();
    await page.getByText(/^Choose pictures with the mouse/).waitFor();
  });

  test('what the check finds is mended with one click, and taken back with another', async () => {
    const { page } = session;
    await page.getByRole('group', { name: 'Label' }).getByRole('radio', { name: 'All' }).check();
    await expect.poll(() => grid().getByRole('option').count(), { timeout: MINUTE }).toBe(8);
    await grid().focus();
    await page.keyboard.press('Control+a');
    await expect.poll(chosen, { timeout: MINUTE }).toBe(8);
    const bar = page.getByRole('toolbar', { name: 'Edit the chosen pictures' });
    await bar.getByRole('combobox', { name: 'Move to' }).selectOption('Training');
    await expect.poll(() => placed('Training'), { timeout: MINUTE }).toBe(8);
    const check = page.getByRole('region', { name: 'Check' });
    await check.getByRole('button', { name: 'Check the dataset' }).click();
    const finding = check.getByRole('listitem').filter({ hasText: 'stands in the validation split' });
    const remedy = finding.getByRole('button', { name: /^Move \d+ pictures? there/ });
    await remedy.click();
    await finding.waitFor({ state: 'detached' });
    await expect.poll(() => placed('Validation'), { timeout: MINUTE }).toBeGreaterThan(0);
    expect(await seriousViolations(page)).toEqual([]);
    await screenshot(page, '16-dataset-check');
    await check.getByRole('button', { name: 'Undo' }).click();
    await finding.waitFor();
    await expect.poll(() => placed('Training'), { timeout: MINUTE }).toBe(8);
  });

  test('a version that was used stays as it was, and tells what has changed since', async () => {
    const { page, workspace, heard } = session;
    const before = heard.length;
    await page.getByText('It is version 1, which no run has used yet.').waitFor();
    await session.restart(async () => {
      const opened = await Workspace.open(workspace, { holder: 'a test' });
      const jobs = new JobService(new JobRepository(opened.db));
      const renderScenes = async function* () {};
      await createDatasets({ workspace: opened, jobs, renderScenes }).reading.freeze('curated');
      await jobs.close();
      await opened.close();
    });
    await page.goto(session.host.url);
    await page.getByRole('main').waitFor();
    await page.keyboard.press('Alt+3');
    await page.getByText('It is version 1. A run has used it').waitFor();
    heard.splice(before);
    await grid().getByRole('img').first().waitFor();
    await grid().focus();
    await page.keyboard.press('Home');
    await expect.poll(chosen, { timeout: MINUTE }).toBe(1);
    await page.keyboard.press('2');
    await page.getByText('It is version 2, which no run has used yet.').waitFor();
    const versions = page.getByRole('region', { name: 'Versions' });
    await versions.getByRole('button', { name: 'Show versions' }).press('Enter');
    await versions.getByRole('button', { name: 'Compare with now: version 1' }).press('Enter');
    await versions.getByText('1 changed').waitFor();
    await versions.getByText('label: real → reference').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await screenshot(page, '16-dataset-versions');
    await grid().focus();
    await page.keyboard.press('Control+z');
    await versions.getByText('Nothing has changed since.').waitFor();
  });

  nothingComplained(session);
});
