/**
 * Triage through the workbench's own controls, in a real Chromium against the real, built headless host: folders are judged
 * while their results come in by score, a run is paused, its folders are ordered anew and it is gone on with, its results are
 * sorted into piles and exported, and some pictures are sent to a case.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { ModelService } from '#features/models/model.service.ts';
import { Workspace } from '#storage/workspace.ts';
import { browserSession, MINUTE, nothingComplained, withoutChromium } from '../support/browser-session.ts';
import { writeTinyDetector } from '../support/tiny-detector.ts';
import { screenshot, seriousViolations } from '../support/workbench-page.ts';

const COUNT = 160;

describe.skipIf(withoutChromium)('triage in Chromium', () => {
  const session = browserSession(async ({ folder, workspace }) => {
    for (const name of ['harbour', 'market']) {
      await mkdir(join(folder, name), { recursive: true });
      for (let i = 0; i < COUNT / 2; i++) {
        const background = { r: name === 'harbour' ? i : 90 + 2 * i, g: 10, b: 10 };
        await sharp({ create: { width: 640, height: 480, channels: 3, background } })
          .jpeg()
          .toFile(join(folder, name, `${i}.jpg`));
      }
    }
    await mkdir(join(folder, 'alone'));
    await sharp({ create: { width: 640, height: 480, channels: 3, background: { r: 230, g: 10, b: 10 } } })
      .jpeg()
      .toFile(join(folder, 'alone', 'red.jpg'));
    await writeFile(join(folder, 'market', 'notes.jpg'), 'This is a text, whatever its name says.');
    const model = await writeTinyDetector(join(folder, 'tiny.onnx'));
    const opened = await Workspace.open(workspace, { holder: 'a test' });
    await new ModelService(opened).import(model);
    await opened.close();
  });
  const list = () => session.page.getByRole('listbox', { name: 'Results' });
  const options = () => list().getByRole('option');
  const shown = (count: string) =>
    session.page.getByRole('status').getByText(count, { exact: false }).first().waitFor();
  const give = async (command: string) => {
    const { page } = session;
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Find a command' }).fill(command);
    await page.keyboard.press('Enter');
  };

  test('two folders are chosen, and the run is paused and gone on with', async () => {
    const { page, folder } = session;
    await page.getByRole('link', { name: 'Triage', exact: true }).click();
    await page.getByText('No folder was triaged yet').first().waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await give('New triage');
    const dialog = page.getByRole('dialog', { name: 'New triage' });
    for (const name of ['harbour', 'market']) {
      await dialog.getByLabel('Folder on the host').fill(join(folder, name));
      await dialog.getByRole('button', { name: 'Add this folder' }).click();
    }
    expect(
      await dialog
        .getByRole('listitem')
        .filter({ hasText: join(folder, 'market') })
        .count(),
    ).toBe(1);
    await dialog.getByRole('button', { name: 'Start triage' }).click();
    await page.getByRole('heading', { level: 1, name: 'Triage of harbour, market' }).waitFor();
    await page.getByRole('progressbar').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Go on' }).waitFor();
    await page.getByRole('button', { name: 'Order', exact: true }).click();
    const order = page.getByRole('dialog', { name: 'Order of the folders' });
    const market = order.getByLabel(`Priority of ${join(folder, 'market')}`);
    await market.fill('0.5');
    expect(await order.getByRole('button', { name: 'Use this order' }).isDisabled()).toBe(true);
    await market.fill('5');
    expect(await seriousViolations(page)).toEqual([]);
    await order.getByRole('button', { name: 'Use this order' }).press('Enter');
    await page.getByText('The folders are judged in the new order.').first().waitFor();
    await page.getByRole('button', { name: 'Order', exact: true }).click();
    await expect.poll(() => market.inputValue()).toBe('5');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Go on' }).click();
    await expect
      .poll(() => page.getByText('Done', { exact: true }).count(), { timeout: MINUTE })
      .toBeGreaterThan(0);
    await shown(`${COUNT} pictures`);
    await page.getByText('Not judged, and why (1)').click();
    await page.getByText(/notes\.jpg is not a picture/).waitFor();
  });

  test('results stand by their score, and are narrowed by verdict and category', async () => {
    const { page } = session;
    const scores = async () =>
      Promise.all(
        (await options().all()).map(async (one) =>
          Number.parseFloat((await one.innerText()).replace('−', '-')),
        ),
      );
    const found = await scores();
    expect(found.length).toBeGreaterThan(5);
    expect(found).toEqual([...found].sort((a, b) => b - a));
    await page.getByLabel('Category', { exact: true }).selectOption('harbour');
    await shown(`${COUNT / 2} pictures`);
    await page.getByLabel('Verdict', { exact: true }).selectOption('real');
    const verdicts = async () =>
      new Set((await options().allInnerTexts()).map((text) => text.split('\n')[1]));
    await expect.poll(verdicts, { timeout: MINUTE }).toEqual(new Set(['Real']));
    await page.getByLabel('Verdict', { exact: true }).selectOption('');
    await page.getByLabel('Category', { exact: true }).selectOption('');
    await shown(`${COUNT} pictures`);
  });

  test('rules are written with the keyboard, sort the results into piles, and are taken back', async () => {
    const { page } = session;
    await give('Sort this triage into piles');
    const dialog = page.getByRole('dialog', { name: 'Piles' });
    await dialog.getByRole('button', { name: 'Add a rule' }).press('Enter');
    const rule = dialog.getByRole('listitem', { name: 'Rule 1' });
    await rule.getByLabel('Score from').fill('much');
    await rule.getByLabel('Taken from').fill('yesterday');
    await dialog.getByRole('button', { name: 'Sort by these rules' }).press('Enter');
    await rule.getByText('Name the pile.').waitFor();
    await rule.getByText('Write a number.').waitFor();
    await rule.getByText('Write the date as').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await rule.getByLabel('Score from').fill('');
    await rule.getByLabel('Taken from').fill('');
    await rule.getByLabel('Pile').focus();
    await page.keyboard.type('Market');
    await rule.getByLabel('Category').fill('market');
    await dialog.getByRole('button', { name: 'Add a rule' }).press('Enter');
    await dialog.getByRole('listitem', { name: 'Rule 2' }).getByLabel('Pile').fill('Rest');
    await screenshot(page, '19-triage-piles');
    await dialog.getByRole('button', { name: 'Sort by these rules' }).press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.getByLabel('Pile', { exact: true }).selectOption('Rest');
    await shown(`${COUNT / 2} pictures`);
    await page.getByRole('button', { name: 'Undo: The pictures were sorted by the new rules.' }).click();
    await page.getByLabel('Pile', { exact: true }).waitFor({ state: 'detached' });
    await shown(`${COUNT} pictures`);
    await give('Sort this triage into piles');
    await dialog.getByText('No rule yet').waitFor();
    await dialog.getByRole('button', { name: 'Add a rule' }).click();
    await rule.getByLabel('Pile').fill('Market');
    await rule.getByLabel('Category').fill('market');
    await dialog.getByRole('button', { name: 'Sort by these rules' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByLabel('Pile', { exact: true }).selectOption('Market');
    await shown(`${COUNT / 2} pictures`);
    await page.getByLabel('Pile', { exact: true }).selectOption('');
    await shown(`${COUNT} pictures`);
  });

  test('results and failures are exported as CSV and as JSON, to a file that is named', async () => {
    const { page, folder } = session;
    const dialog = page.getByRole('dialog', { name: 'Export results' });
    await give('Export the results');
    await dialog.getByRole('button', { name: 'Export' }).click();
    await dialog.getByText('Name the file.').waitFor();
    const [csv, json] = [join(folder, 'results.csv'), join(folder, 'results.json')];
    await dialog.getByLabel('New file').fill(csv);
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Export' }).click();
    await page.getByText(`${COUNT} results and 1 failures were written to ${csv}.`).first().waitFor();
    const lines = (await readFile(csv, 'utf8')).trim().split('\r\n');
    expect(lines).toHaveLength(COUNT + 2);
    expect(lines.filter((line) => line.includes(',Market,'))).toHaveLength(COUNT / 2);
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await dialog.getByText('JSON', { exact: true }).click();
    await dialog.getByLabel('New file').fill(json);
    await dialog.getByRole('button', { name: 'Export' }).click();
    await page.getByText(`written to ${json}.`).first().waitFor();
    const written = JSON.parse(await readFile(json, 'utf8')) as { pile?: string; error?: string }[];
    expect(written).toHaveLength(COUNT + 1);
    expect(written.filter(({ error }) => error !== undefined)).toHaveLength(1);
  });

  test('pictures are chosen with the keyboard, looked at, and sent to a new case', async () => {
    const { page } = session;
    await list().focus();
    await page.keyboard.press('ArrowDown');
    const panel = page.getByRole('complementary', { name: 'The chosen picture' });
    await panel.getByText(/was not looked at; have it judged in full/).waitFor();
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByText('3 chosen').waitFor();
    await screenshot(page, '17-triage');
    await give('Send the chosen');
    const dialog = page.getByRole('dialog', { name: 'Send to a case' });
    await dialog.getByRole('button', { name: 'Send' }).click();
    await dialog.getByText('Give the case a name.').waitFor();
    await dialog.getByLabel('Name of the new case').fill('From triage');
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Send' }).click();
    await page.getByText('3 taken in to From triage.').first().waitFor();
    await page.getByRole('link', { name: 'Cases', exact: true }).click();
    await page.getByRole('link', { name: 'From triage' }).click();
    const evidence = page.getByRole('listbox', { name: 'Evidence' }).getByRole('option');
    await expect.poll(() => evidence.count(), { timeout: MINUTE }).toBe(3);
  });

  test('the page breaks no serious rule of accessibility, in the dark and in the light', async () => {
    const { page } = session;
    await page.getByRole('link', { name: 'Triage', exact: true }).click();
    await options().first().waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Light theme' }).click();
    expect(await seriousViolations(page)).toEqual([]);
    await screenshot(page, '18-triage-light');
  });

  test('where a run asks for it, a picture is judged anew after small changes, and says what became of its verdict', async () => {
    const { page, folder } = session;
    await give('New triage');
    const dialog = page.getByRole('dialog', { name: 'New triage' });
    await dialog.getByLabel('Folder on the host').fill(join(folder, 'alone'));
    await dialog
      .getByLabel('Judge pictures anew after small changes')
      .selectOption('Those that would be called real or simulated');
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Start triage' }).click();
    await page.getByRole('heading', { level: 1, name: 'Triage of alone' }).waitFor();
    await expect.poll(() => options().filter({ hasText: 'red.jpg' }).count(), { timeout: MINUTE }).toBe(1);
    await list().focus();
    await page.keyboard.press('ArrowDown');
    const panel = page.getByRole('complementary', { name: 'The chosen picture' });
    await panel.getByText('Stable', { exact: true }).waitFor();
    await panel.getByText(/saved as JPEG of quality 95/).waitFor({ state: 'attached' });
  });

  nothingComplained(session);
});
