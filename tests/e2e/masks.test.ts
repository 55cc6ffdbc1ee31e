/** Painting the mask of a dataset's picture in a real Chromium against the real, built headless host, by pointer and by keys. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderScenes } from '#features/samples/scene-renderer.ts';
import { browserSession, MINUTE, nothingComplained, withoutChromium } from '../support/browser-session.ts';
import { commandLine } from '../support/command-line.ts';
import { screenshot, seriousViolations } from '../support/workbench-page.ts';

describe.skipIf(withoutChromium)('masks in Chromium', () => {
  const session = browserSession(async ({ folder, workspace }) => {
    const scenes = join(folder, 'scenes');
    await mkdir(scenes);
    for await (const { name, bytes } of renderScenes({ count: 2, seed: 4, width: 240, height: 160 }))
      await writeFile(join(scenes, name), bytes);
    commandLine(workspace, 'import', scenes, '--dataset', 'Forgeries', '--label', 'simulated');
  });
  const dialog = () => session.page.getByRole('dialog', { name: /^Mask of / });
  const ready = () => dialog().locator('canvas[data-ready=true]').waitFor();

  test('a mask is painted with brush, polygon and keys, strokes are taken back, and it is saved', async () => {
    const { page } = session;
    await page.getByRole('link', { name: 'Datasets', exact: true }).click();
    await page.getByRole('link', { name: /Forgeries/ }).click();
    const list = page.getByRole('listbox', { name: 'Pictures' });
    await list.getByRole('option').first().waitFor();
    await list.focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('button', { name: 'Paint mask' }).click();
    await ready();
    const save = dialog().getByRole('button', { name: 'Save as new mask' });
    expect(await save.isDisabled()).toBe(true);
    const frame = dialog().getByRole('application');
    const box = (await dialog().locator('canvas').boundingBox())!;
    const place = (x: number, y: number) => [box.x + box.width * x, box.y + box.height * y] as const;
    await page.mouse.move(...place(0.2, 0.3));
    await page.mouse.down();
    await page.mouse.move(...place(0.5, 0.3), { steps: 6 });
    await page.mouse.up();
    await dialog().getByRole('button', { name: 'Undo' }).click();
    expect(await save.isDisabled()).toBe(true);
    await page.keyboard.press('Control+Shift+z');
    await dialog().getByText('Polygon', { exact: true }).click();
    for (const [x, y] of [
      [0.6, 0.5],
      [0.9, 0.5],
      [0.9, 0.9],
    ] as const)
      await page.mouse.click(...place(x, y));
    await dialog().getByRole('button', { name: 'Close polygon' }).click();
    await dialog().getByText('Brush', { exact: true }).click();
    await frame.focus();
    for (const key of ['Space', 'ArrowLeft', 'ArrowLeft', 'ArrowDown', 'Space'])
      await page.keyboard.press(key);
    await screenshot(page, '19-mask-editor');
    expect(await seriousViolations(page)).toEqual([]);
    await save.click();
    await dialog().waitFor({ state: 'detached' });
    await list.getByText('Mask', { exact: true }).waitFor();
  });

  test('the saved mask opens again to be corrected, and painting it is taken back like any edit', async () => {
    const { page } = session;
    await page.getByRole('button', { name: 'Paint mask' }).click();
    await ready();
    await dialog().getByText('Eraser', { exact: true }).click();
    await dialog().getByRole('application').focus();
    for (const key of ['Space', 'ArrowRight', 'Space']) await page.keyboard.press(key);
    await dialog().getByRole('button', { name: 'Save as new mask' }).click();
    await dialog().waitFor({ state: 'detached' });
    for (const left of [1, 0]) {
      await page
        .getByRole('toolbar')
        .getByRole('button', { name: 'Undo' })
        .and(page.locator(':enabled'))
        .click();
      await expect
        .poll(() => page.getByRole('option').getByText('Mask', { exact: true }).count(), { timeout: MINUTE })
        .toBe(left);
    }
  });

  nothingComplained(session);
});
