/** The page that `bench ui` measures: a real Chromium, spoken to in its own protocol. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ChromiumPage } from '#hosts/node/ui-benchmark/chromium-page.ts';
import { chromium } from '#tests/support/chromium.ts';

test.skipIf(chromium() === null)(
  'the page answers with values, waits for promises, hears keys, and says what failed in it',
  async () => {
    const page = await ChromiumPage.open({ width: 640, height: 480 });
    try {
      expect(await page.evaluate('innerWidth', z.number())).toBe(640);
      expect(await page.evaluate('Promise.resolve(6 * 7)', z.number())).toBe(42);
      await page.evaluate(
        `window.heard = new Promise((answer) => addEventListener('keydown', ({ key }) => answer(key))), 0`,
        z.number(),
      );
      await page.press(']');
      expect(await page.evaluate('heard', z.string())).toBe(']');
      await expect(
        page.evaluate(`Promise.reject(new Error('no such thing'))`, z.any()),
      ).rejects.toMatchObject({
        code: 'internal',
        message: expect.stringContaining('no such thing'),
      });
      await expect(page.send('No.such')).rejects.toMatchObject({ code: 'internal' });
    } finally {
      await page.close();
    }
    await expect(page.send('Page.enable')).rejects.toMatchObject({ message: 'Chromium has ended.' });
  },
);
