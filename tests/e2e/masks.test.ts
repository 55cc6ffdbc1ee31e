/** Painting the mask of a dataset's picture in a real Chromium against the real, built headless host, by pointer and by keys. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { renderScenes } from '#features/samples/scene-renderer.ts';
import { browserSession, MINUTE, nothingComplained, withoutChromium } from '../support/browser-session.ts';
import { commandLine } from '../support/command-line.ts';
import { screenshot, seriousViolations } from '../support/workbench-page.ts';

/** In the page: its globals are not those of the test. */
interface InPageCanvas {
  width: number;
  height: number;
  getContext(kind: '2d'): {
    getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
  };
}

describe.skipIf(withoutChromium)('masks in Chromium', () => {
  const session = browserSession(async ({ folder, workspace }) => {
    const scenes = join(folder, 'scenes');
    await mkdir(scenes);
    for await (const { name, bytes } of renderScenes({ count: 2, seed: 4, width: 240, height: 160 }))
      await writeFile(join(scenes, name), bytes);
    commandLine(workspace, 'import', scenes, '--dataset', 'Forgeries', '--label', 'simulated');
    // White at the left as it is stored; its EXIF asks viewers to turn it by a quarter.
    const turned = join(folder, 'turned');
    await mkdir(turned);
    await sharp({ create: { width: 120, height: 160, channels: 3, background: 'black' } })
      .extend({ left: 120, background: 'white' })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toFile(join(turned, 'turned.jpg'));
    commandLine(workspace, 'import', turned, '--dataset', 'Turned', '--label', 'simulated');
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
    // Within the polygon, where there is something to erase.
    const box = (await dialog().locator('canvas').boundingBox())!;
    await page.mouse.click(box.x + box.width * 0.85, box.y + box.height * 0.6);
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
      const toast = page.getByRole('status').filter({ hasText: 'Undone: 1 picture: mask painted.' });
      await toast.getByRole('button', { name: 'Dismiss' }).click();
      await toast.waitFor({ state: 'detached' });
      await expect
        .poll(() => page.getByRole('option').getByText('Mask', { exact: true }).count(), { timeout: MINUTE })
        .toBe(left);
    }
  });

  test('a picture lies in the editor as it is stored, whatever its EXIF asks of viewers', async () => {
    const { page } = session;
    await page.getByRole('link', { name: /Turned/ }).click();
    const list = page.getByRole('listbox', { name: 'Pictures' });
    await list.getByText('turned.jpg').click();
    await page.getByRole('button', { name: 'Paint mask' }).click();
    await ready();
    const brightness = (share: number) =>
      dialog()
        .locator('canvas')
        .evaluate((element, x) => {
          const canvas = element as unknown as InPageCanvas;
          const pixel = canvas.getContext('2d').getImageData(canvas.width * x, canvas.height * 0.2, 1, 1);
          return pixel.data[0]!;
        }, share);
    await expect.poll(() => brightness(0.2), { timeout: MINUTE }).toBeGreaterThan(240);
    expect(await brightness(0.8)).toBeLessThan(15);
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await dialog().waitFor({ state: 'detached' });
  });

  nothingComplained(session);
});
