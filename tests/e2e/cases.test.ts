/**
 * Cases through the workbench's own controls, in a real Chromium against the real, built headless host: a case is made,
 * a folder and dropped pictures are taken in, what is refused is named, and the list is worked through with the keyboard.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderScenes } from '#features/samples/scene-renderer.ts';
import { browserSession, MINUTE, nothingComplained, withoutChromium } from '../support/browser-session.ts';
import { dropFile, pasteFile, screenshot, seriousViolations } from '../support/workbench-page.ts';

const scenes: { name: string; bytes: Uint8Array }[] = [];

describe.skipIf(withoutChromium)('cases in Chromium', () => {
  const session = browserSession(async ({ folder }) => {
    await mkdir(join(folder, 'evidence'));
    for await (const scene of renderScenes({ count: 9, seed: 3, width: 320, height: 240 }))
      scenes.push(scene);
    for (const { name, bytes } of scenes.slice(0, 8)) await writeFile(join(folder, 'evidence', name), bytes);
    await writeFile(join(folder, 'evidence', 'notes.jpg'), 'This is a text, whatever its name says.');
  });

  const options = () => session.page.getByRole('listbox', { name: 'Evidence' }).getByRole('option');
  const shown = (count: number) => expect.poll(() => options().count(), { timeout: MINUTE }).toBe(count);
  const chosen = () => options().and(session.page.locator('[aria-selected=true]'));

  test('a case is made with the keyboard alone, and a folder taken into it with what was refused and why', async () => {
    const { page, folder } = session;
    await page.getByRole('link', { name: 'Cases', exact: true }).click();
    await page.getByRole('button', { name: 'New case' }).first().focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'New case' });
    await dialog.getByRole('button', { name: 'Create case' }).click();
    await dialog.getByText('Give the case a name.').waitFor();
    await dialog.getByLabel('Name').fill('Harbour matter');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Harbour matter', level: 1 }).waitFor();
    await page.getByText('No evidence in this case yet').waitFor();
    await page.getByRole('button', { name: 'Take in', exact: true }).click();
    const intake = page.getByRole('dialog', { name: 'Take in evidence' });
    await intake.getByLabel('Folder on the host').fill(join(folder, 'evidence'));
    await intake.getByRole('button', { name: 'Take in this folder' }).click();
    await page.getByText('8 added').waitFor();
    await page.getByText('1 refused').waitFor();
    await page.getByText(/notes\.jpg is not a picture/).waitFor();
    await shown(8);
    await screenshot(page, '10-case');
  });

  test('a dropped picture and a pasted one are sent to the host, and none is taken in twice', async () => {
    const { page } = session;
    const last = scenes[8]!;
    await dropFile(page, '.case', last.name, last.bytes);
    await shown(9);
    const card = page.getByRole('article', { name: 'Dropped pictures' });
    await card.getByText('1 added').waitFor();
    await pasteFile(page, 'again.png', last.bytes);
    await card.getByText('1 already here').waitFor();
    await dropFile(page, '.case', 'text.png', new TextEncoder().encode('no picture'));
    await card.getByText('1 refused').waitFor();
    expect(await options().count()).toBe(9);
    await card.getByRole('button', { name: /^Dismiss/ }).click();
  });

  test('the list is chosen from with the keyboard, tagged, and the tags taken back', async () => {
    const { page } = session;
    await page.getByRole('listbox', { name: 'Evidence' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await expect.poll(() => chosen().count(), { timeout: MINUTE }).toBe(3);
    await page.getByLabel('Add a tag').fill('boat');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Remove the tag boat' }).waitFor();
    await page.getByLabel('Tag', { exact: true }).selectOption('boat');
    await shown(3);
    await page.getByRole('button', { name: 'Undo: 3 pictures were tagged "boat".' }).click();
    await page.getByText('No picture matches these filters.').waitFor();
    await page.getByRole('button', { name: 'Redo' }).click();
    await shown(3);
    await page.getByLabel('Tag', { exact: true }).selectOption('');
    await page.getByRole('listbox', { name: 'Evidence' }).focus();
    await page.keyboard.press('Control+a');
    await page.getByRole('status').getByText('9 chosen').waitFor();
  });

  test('the table sorts by its columns, finds by name, and keeps its place over back and forward', async () => {
    const { page } = session;
    await page.getByRole('radio', { name: 'Table' }).check();
    await page.getByRole('button', { name: /^Sort by: Name/ }).click();
    await page.getByRole('button', { name: /^Sort by: Name, Descending/ }).click();
    const names = [...scenes.map(({ name }) => name)].sort().reverse();
    await options()
      .first()
      .and(page.getByRole('option', { name: names[0]! }))
      .waitFor();
    await screenshot(page, '11-case-table');
    await page.getByRole('searchbox', { name: /^Find in name/ }).fill(names[4]!);
    await shown(1);
    await page.getByRole('link', { name: 'Datasets', exact: true }).click();
    await page.goBack();
    await page.getByRole('heading', { name: 'Harbour matter', level: 1 }).waitFor();
  });

  test('hashes are checked again, and a closed case takes nothing in', async () => {
    const { page } = session;
    await page.getByRole('button', { name: 'Check hashes' }).click();
    await page.getByText('9 intact').waitFor();
    await page.getByRole('button', { name: 'Case details' }).click();
    const dialog = page.getByRole('dialog', { name: 'Case' });
    await dialog.getByLabel('Status').selectOption('closed');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/^This case is closed/).waitFor();
    expect(await page.getByRole('button', { name: 'Take in', exact: true }).isDisabled()).toBe(true);
  });

  test('no page of cases breaks a serious rule of accessibility, in the dark and in the light', async () => {
    const { page } = session;
    await page.getByRole('button', { name: 'Light theme' }).click();
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('link', { name: 'All cases' }).click();
    await page.getByRole('link', { name: 'Harbour matter' }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.goBack();
    await page.getByRole('button', { name: 'Dark theme' }).click();
    await page.getByRole('radio', { name: 'Grid' }).check();
    expect(await seriousViolations(page)).toEqual([]);
  });

  nothingComplained(session, (one) => /status( of)? 422/.test(one));
});
