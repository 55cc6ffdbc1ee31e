/**
 * The settings page in a real Chromium against the real, built headless host: lists that analyses ask are imported and removed,
 * the audit log is browsed and verified, licences are read, and devices say what was measured of them.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ModelService } from '#features/models/model.service.ts';
import { Workspace } from '#storage/workspace.ts';
import { browserSession, MINUTE, nothingComplained, withoutChromium } from '../support/browser-session.ts';
import { writeTinyDetector } from '../support/tiny-detector.ts';
import { screenshot, seriousViolations } from '../support/workbench-page.ts';

describe.skipIf(withoutChromium)('settings in Chromium', () => {
  const session = browserSession(async ({ folder, workspace }) => {
    await mkdir(join(folder, 'lists'));
    await writeFile(join(folder, 'lists', 'known.csv'), `SHA-256,FileName\n${'ab'.repeat(32)},boat.jpg\n`);
    await writeFile(join(folder, 'lists', 'spoilt.csv'), 'SHA-256,FileName\nno hash,boat.jpg\n');
    const model = await writeTinyDetector(join(folder, 'tiny.onnx'));
    const opened = await Workspace.open(workspace, { holder: 'a test' });
    await new ModelService(opened).import(model);
    await opened.close();
  });
  const dialog = (name: string | RegExp) => session.page.getByRole('dialog', { name });
  const entries = () => session.page.getByRole('listbox', { name: 'Entries' }).getByRole('option');

  test('a list is imported with the keyboard; one that is spoilt is refused with its line', async () => {
    const { page, folder } = session;
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('Alt+8');
    await page.getByText('No list was imported.').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Import a list …' }).press('Enter');
    const form = dialog('Import a list');
    await form.getByLabel('Folder on the host').fill(join(folder, 'lists'));
    await form.getByRole('button', { name: 'Open', exact: true }).press('Enter');
    await form.getByLabel('Choose spoilt.csv').press('Space');
    await expect.poll(() => form.getByLabel('Name', { exact: true }).inputValue()).toBe('spoilt');
    await form.getByRole('button', { name: 'Import', exact: true }).press('Enter');
    await form.getByText('Say when the list was issued.').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await form.getByLabel('Issued on').fill('2026-11-01');
    await form.getByRole('button', { name: 'Import', exact: true }).press('Enter');
    await page
      .getByText(/line 2: "no hash" is no sha256/)
      .first()
      .waitFor();
    await form.getByLabel('Choose known.csv').press('Space');
    await form.getByLabel('Name', { exact: true }).fill('Known boats');
    await screenshot(page, '20-import-list');
    await form.getByRole('button', { name: 'Import', exact: true }).press('Enter');
    await page.getByRole('row', { name: /Known boats Known files 2026-11-01 1 sha256/ }).waitFor();
  });

  test('a list is removed only once that is confirmed', async () => {
    const { page } = session;
    await page.getByRole('button', { name: 'Remove Known boats' }).press('Enter');
    await dialog('Remove “Known boats”').getByRole('button', { name: 'Cancel' }).press('Enter');
    await page.getByRole('row', { name: /Known boats/ }).waitFor();
    await page.getByRole('button', { name: 'Remove Known boats' }).press('Enter');
    expect(await seriousViolations(page)).toEqual([]);
    await dialog('Remove “Known boats”').getByRole('button', { name: 'Remove the list' }).press('Enter');
    await page.getByText('No list was imported.').waitFor();
  });

  test('the audit log is browsed with the keyboard, narrowed, and verified', async () => {
    const { page } = session;
    await page.getByRole('link', { name: 'Browse the log' }).press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor();
    await expect.poll(() => entries().first().innerText(), { timeout: MINUTE }).toContain('list.removed');
    await page.getByRole('listbox', { name: 'Entries' }).focus();
    await page.keyboard.press('ArrowDown');
    const chosen = page.getByRole('complementary', { name: 'The chosen entry' });
    await chosen.getByText('"name": "Known boats"').waitFor();
    await page.getByLabel('About', { exact: true }).selectOption('model');
    await expect.poll(() => entries().count()).toBe(1);
    await page.getByLabel('About', { exact: true }).selectOption('');
    await page.getByLabel('Search', { exact: true }).fill('BOATS');
    await expect.poll(() => entries().count()).toBe(2);
    await page.getByLabel('Search', { exact: true }).fill('nothing at all');
    await page.getByText('No entry matches.').waitFor();
    await page.getByLabel('Search', { exact: true }).fill('');
    await page.getByRole('button', { name: 'Verify the workspace' }).press('Enter');
    await page.getByText('The workspace is what was written.').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await entries().nth(1).click();
    await screenshot(page, '21-audit-log');
    await page.keyboard.press('Control+Shift+l');
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Settings' }).last().click();
  });

  test('shortcuts and licences are read from the page, and diagnostics are written to a file', async () => {
    const { page } = session;
    await page.getByRole('button', { name: 'Keyboard shortcuts …' }).click();
    await dialog('Keyboard shortcuts').getByText('Label the chosen pictures real').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Licences …' }).click();
    await dialog('Licences').getByText('Copyright The Pentimento authors').waitFor();
    await dialog('Licences').getByText('Apache License 2.0', { exact: true }).click();
    // A checkout that was packed has the notices of its packages too, which are folded in.
    await dialog('Licences').getByText('TERMS AND CONDITIONS').filter({ visible: true }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Collect diagnostics …' }).click();
    const path = join(session.folder, 'diagnostics.zip');
    await dialog('Collect diagnostics').getByLabel('New file').fill(path);
    await dialog('Collect diagnostics').getByRole('button', { name: 'Collect' }).press('Enter');
    await dialog('Collect diagnostics').getByText('The file was written').waitFor();
    expect((await readFile(path)).subarray(0, 2).toString()).toBe('PK');
    await page.keyboard.press('Escape');
    await page.getByText('Self-test for judging').waitFor();
    await screenshot(page, '22-settings-light');
  });

  nothingComplained(session);
});
