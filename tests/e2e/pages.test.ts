/** Every page in both themes: readable by assistive technology, its focus always seen, and still where a person asks for that. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { browserSession, nothingComplained, withoutChromium } from '../support/browser-session.ts';
import { makeReviewedWorkspace } from '../support/reviewed-workspace.ts';
import { seriousViolations } from '../support/workbench-page.ts';

const pages = [
  'Start',
  'Cases',
  'Datasets',
  'Training',
  'Detection',
  'Triage',
  'Models',
  'Settings',
] as const;

/** In the page: its globals are not those of the test. */
interface Styled {
  outlineStyle: string;
  outlineWidth: string;
  boxShadow: string;
  animationDuration: string;
  transitionDuration: string;
}
interface InPage {
  document: {
    activeElement: { closest(selector: string): object | null; outerHTML: string } | null;
    body: object;
    querySelectorAll(selector: string): Iterable<object>;
  };
  getComputedStyle(element: object, pseudo?: string): Styled;
}

describe.skipIf(withoutChromium)('every page', () => {
  const session = browserSession(async ({ folder, workspace }) => {
    await makeReviewedWorkspace(workspace, join(folder, 'pictures'), { scenes: 2 });
  });
  const go = async (name: (typeof pages)[number]): Promise<void> => {
    const link = session.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name });
    await link.click();
    await session.page.locator('[aria-current=page]').getByText(name, { exact: true }).waitFor();
    await session.page.getByText('Reading …').first().waitFor({ state: 'detached' });
  };

  test('has no serious fault of accessibility, in either theme', async () => {
    const { page } = session;
    for (let theme = 0; theme < 2; theme++) {
      for (const name of pages) {
        await go(name);
        expect(await seriousViolations(page), name).toEqual([]);
      }
      await page.keyboard.press('Control+Shift+l');
    }
  });

  test('shows where the focus is, wherever Tab leads', async () => {
    const { page } = session;
    for (const name of pages) {
      await go(name);
      for (let tabs = 0; tabs < 20; tabs++) {
        await page.keyboard.press('Tab');
        const unseen = await page.evaluate(() => {
          const { document, getComputedStyle } = globalThis as unknown as InPage;
          const focused = document.activeElement;
          if (!focused || focused === document.body) return null;
          // A choice whose button is hidden shows the focus on its label.
          const shown = [focused, focused.closest('label')].filter((element) => element !== null);
          // A canvas draws over its frame, which shows the focus above both.
          const styles = shown.flatMap((element) => [
            getComputedStyle(element),
            getComputedStyle(element, '::after'),
          ]);
          const seen = styles.some(
            ({ outlineStyle, outlineWidth, boxShadow }) =>
              (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none',
          );
          return seen ? null : focused.outerHTML.slice(0, 200);
        });
        expect(unseen, `${name}, after ${tabs + 1} steps`).toBeNull();
      }
    }
  });

  test('does not move where a person asks for less motion', async () => {
    const { page } = session;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    for (const name of pages) {
      await go(name);
      const longest = await page.evaluate(() => {
        const { document, getComputedStyle } = globalThis as unknown as InPage;
        return [...document.querySelectorAll('*')].reduce<number>((most, element) => {
          const { animationDuration, transitionDuration } = getComputedStyle(element);
          const seconds = `${animationDuration}, ${transitionDuration}`
            .split(', ')
            .map((time) => parseFloat(time) * (time.endsWith('ms') ? 0.001 : 1));
          return Math.max(most, ...seconds);
        }, 0);
      });
      expect(longest, name).toBeLessThan(0.02);
    }
  });

  nothingComplained(session);
});
