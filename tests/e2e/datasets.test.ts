/** Curating a dataset in a real Chromium against the real, built headless host: choosing, labelling and undoing by keyboard. */
import { describe, expect, test } from 'vitest';
import { browserSession, MINUTE, nothingComplained, withoutChromium } from '../support/browser-session.ts';
import { screenshot, seriousViolations } from '../support/workbench-page.ts';

describe.skipIf(withoutChromium)('a dataset in Chromium', () => {
  const session = browserSession();

  const grid = () => session.page.getByRole('listbox', { name: 'Pictures' });
  const chosen = () => grid().locator('[aria-selected=true]').count();
  const labelled = (label: string) => grid().getByText(label, { exact: true }).count();

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

  nothingComplained(session);
});
