/**
 * The review of a picture in a real Chromium against the real, built headless host: tiles of the original, layers and their
 * comparison, measures and notes by keyboard, and a host that goes away and comes back.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { SettingsService } from '#features/settings/settings.service.ts';
import { Workspace } from '#storage/workspace.ts';
import { browserSession, MINUTE, nothingComplained, withoutChromium } from '../support/browser-session.ts';
import { makeReviewedWorkspace, type ReviewedCase } from '../support/reviewed-workspace.ts';
import { paintedVariance, screenshot, seriousViolations } from '../support/workbench-page.ts';

let made: ReviewedCase;

describe.skipIf(withoutChromium)('the review in Chromium', () => {
  const session = browserSession(async ({ folder, workspace }) => {
    made = await makeReviewedWorkspace(workspace, join(folder, 'pictures'), { scenes: 3 });
  });

  const canvas = () => session.page.getByRole('application').locator('canvas');
  const drawn = (layers: string) =>
    session.page.locator(`canvas[data-layers="${layers}"][data-ready=true]`).waitFor();
  const facts = () => session.page.getByRole('complementary', { name: 'Facts' });

  test('the command palette leads to the case, and the keyboard into its first picture', async () => {
    const { page } = session;
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Find a command' }).fill('cases');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: made.name }).click();
    const list = page.getByRole('listbox', { name: 'Evidence' });
    await list.focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => list.locator('[aria-selected=true]').count(), { timeout: MINUTE }).toBe(1);
    await page.keyboard.press('Enter');
    await drawn('simulation');
    await facts().getByText('Why', { exact: true }).waitFor();
    await screenshot(page, '12-review');
  });

  test('the pixel under the pointer is that of the original file', async () => {
    const { page, folder } = session;
    await page.keyboard.press('1');
    const box = (await page.getByRole('application').boundingBox())!;
    await page.mouse.move(box.x + box.width / 2 + 40, box.y + box.height / 2 + 30);
    const readout = page.getByText(/^x \d+, y \d+ · RGB/);
    await readout.waitFor();
    const text = (await readout.textContent())!;
    const [x, y, r, g, b] = [...text.matchAll(/\d+/g)].map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const name = await page.getByRole('heading', { level: 1 }).textContent();
    const { data, info } = await sharp(join(folder, 'pictures', name!), { ignoreIcc: true })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const at = (y * info.width + x) * 3;
    expect([r, g, b]).toEqual([...data.subarray(at, at + 3)]);
  });

  test('layers are changed and compared with single keys, and what is drawn changes with them', async () => {
    const { page } = session;
    await page.keyboard.press('0');
    await page.keyboard.press('o');
    await drawn('original');
    const alone = await paintedVariance(canvas());
    await page.keyboard.press(']');
    await drawn('simulation');
    expect(await paintedVariance(canvas())).not.toBe(alone);
    await page.keyboard.press('w');
    await drawn('simulation original');
    await page.keyboard.press('d');
    await drawn('simulation original');
    await screenshot(page, '13-review-side-by-side');
    await page.keyboard.press('x');
    await drawn('original simulation');
    await page.keyboard.press('s');
    await drawn('original');
    await page.keyboard.press('[');
    await drawn('tile-scores');
    await page.getByRole('radio', { name: 'Simulation map P' }).check();
    await page.keyboard.press('c');
    await expect
      .poll(() => page.getByLabel('Contour at').first().isChecked(), { timeout: MINUTE })
      .toBe(true);
    await page.keyboard.press('r');
    await page.getByText('turned 90°').waitFor();
    for (let turns = 0; turns < 3; turns++) await page.keyboard.press('r');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Measure in pixels').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('opacity, colours, value range and contour change what is drawn, with a legend in the unit of the map', async () => {
    const { page } = session;
    await page.keyboard.press('s');
    await page.getByRole('radio', { name: 'Simulation map P', exact: true }).check();
    await drawn('simulation');
    if (await facts().getByRole('checkbox', { name: 'Contour at' }).isChecked())
      await page.keyboard.press('c');
    let painted = await paintedVariance(canvas());
    const changed = async (what: string): Promise<void> => {
      const before = painted;
      await expect
        .poll(async () => (painted = await paintedVariance(canvas())), { timeout: MINUTE, message: what })
        .not.toBe(before);
    };
    const legend = (unit: string) =>
      facts().getByRole('img', { name: new RegExp(`^Colour scale from .*, ${unit}$`) });
    const range = await legend('P').getAttribute('aria-label');
    const opacity = facts().getByRole('slider', { name: 'Opacity' });
    const before = await opacity.inputValue();
    await opacity.press('End');
    await changed('the layer hides the picture');
    await facts().getByLabel('Colour map').first().selectOption('Viridis');
    await changed('the colours are others');
    await facts().getByRole('button', { name: 'Values in this map' }).click();
    await changed('the colours are for the values that are there');
    expect(await legend('P').getAttribute('aria-label')).not.toBe(range);
    await facts().getByRole('slider', { name: 'Last colour at' }).press('Home');
    await changed('all but the least has the last colour');
    await facts().getByRole('button', { name: 'Whole range' }).click();
    await changed('the whole range is back');
    expect(await legend('P').getAttribute('aria-label')).toBe(range);
    await page.keyboard.press('c');
    await changed('the contour is there');
    await facts().getByRole('slider', { name: 'Contour at' }).press('PageDown');
    await changed('the contour is at another value');
    await page.keyboard.press('c');
    await facts().getByLabel('Colour map').first().selectOption('Inferno');
    await opacity.fill(before);
    for (const [name, unit] of [
      ['Local block spectrum', 'RMS of A'],
      ['Low-rank residual', 'RMS of A - L'],
      ['Tile scores', 'logit'],
    ] as const) {
      await page.getByRole('radio', { name, exact: true }).check();
      await legend(unit).waitFor();
    }
    await page.getByRole('radio', { name: 'Simulation map P', exact: true }).check();
    await drawn('simulation');
  });

  test('a line is measured in pixels of the picture, by pointer and by keys, and taken away', async () => {
    const { page } = session;
    await page.keyboard.press('1');
    const without = await paintedVariance(canvas());
    await page.keyboard.press('m');
    const box = (await page.getByRole('application').boundingBox())!;
    const [x, y] = [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 60, y + 80, { steps: 4 });
    await page.mouse.up();
    await facts().getByText('100.0 px (60 × 80)').waitFor();
    await expect.poll(() => paintedVariance(canvas()), { timeout: MINUTE }).not.toBe(without);
    for (const [end, x] of [
      ['From x', '10'],
      ['To x', '90'],
    ] as const) {
      await facts().getByRole('spinbutton', { name: end }).fill(x);
      await page.keyboard.press('Enter');
    }
    await facts().getByText('113.1 px (80 × 80)').waitFor();
    await facts().getByRole('button', { name: 'Remove the line' }).press('Enter');
    await facts().getByRole('button', { name: 'Measure what is seen' }).press('Enter');
    await facts()
      .getByText(/ px \(\d+ × 0\)$/)
      .waitFor();
    await facts().getByRole('button', { name: 'Remove the line' }).press('Enter');
    await page.keyboard.press('Escape');
    await facts().getByRole('heading', { name: 'Measured' }).waitFor({ state: 'detached' });
  });

  test('swiping, flicker and turning change what is drawn, and turning changes no pixel that is read', async () => {
    const { page } = session;
    await page.keyboard.press('0');
    await page.keyboard.press('w');
    await drawn('simulation original');
    const parting = page.getByRole('slider', { name: 'Where the two layers meet' });
    const halves = await paintedVariance(canvas());
    await parting.press('Home');
    await expect.poll(() => paintedVariance(canvas()), { timeout: MINUTE }).not.toBe(halves);
    await parting.fill('0.5');
    await page.keyboard.press('f');
    await drawn('original');
    await drawn('simulation');
    await page.keyboard.press('s');
    await drawn('simulation');
    const upright = await paintedVariance(canvas());
    const size = facts().getByText(/^\d+ × \d+ px$/);
    const before = await size.textContent();
    await page.keyboard.press('r');
    await expect.poll(() => paintedVariance(canvas()), { timeout: MINUTE }).not.toBe(upright);
    expect(await size.textContent()).toBe(before);
    for (let turns = 0; turns < 3; turns++) await page.keyboard.press('r');
    await expect.poll(() => paintedVariance(canvas()), { timeout: MINUTE }).toBe(upright);
  });

  test('the analyses of the picture are run from the review, and each map is a layer with a legend in its unit', async () => {
    const { page } = session;
    const analyses = facts().getByRole('region', { name: 'Analyses' });
    await analyses.getByText('None has been run on this picture.').waitFor();
    await analyses.getByRole('button', { name: 'Run all' }).click();
    await analyses
      .getByText('ran', { exact: true })
      .first()
      .waitFor({ timeout: 4 * MINUTE });
    await analyses.getByText('not run', { exact: true }).first().waitFor();
    const layer = page.getByRole('radio', { name: /^Noise.*: / }).first();
    await layer.check();
    const name = (await layer.getAttribute('aria-label'))!;
    await facts().getByRole('heading', { name }).waitFor();
    await expect
      .poll(() => page.locator('canvas[data-ready=true]').first().getAttribute('data-layers'), {
        timeout: MINUTE,
      })
      .toMatch(/^noise.*\//);
    await page.getByRole('radio', { name: 'Global spectrum', exact: true }).check();
    await drawn('global-spectrum');
    await screenshot(page, '14-review-analyses');
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('radio', { name: 'Simulation map P' }).check();
  });

  test('a note on a region is drawn, written, removed, taken back, and stays after a reload', async () => {
    const { page } = session;
    await page.keyboard.press('n');
    const box = (await page.getByRole('application').boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 90, box.y + box.height / 2 + 60, { steps: 4 });
    await page.mouse.up();
    const note = page.getByRole('textbox', { name: 'Region 1: Note' });
    await note.fill('The roof line is doubled.');
    await note.blur();
    await page.getByRole('button', { name: 'Remove region 1' }).click();
    await page.getByText(/^No notes\./).waitFor();
    await page.keyboard.press('Control+z');
    await note.waitFor();
    await page.reload();
    await drawn('simulation');
    expect(await note.inputValue()).toBe('The roof line is doubled.');
    expect(await seriousViolations(page)).toEqual([]);
  });

  test('the next picture opens with one key, and Back leads to the list as it was left', async () => {
    const { page } = session;
    const first = await page.getByRole('heading', { level: 1 }).textContent();
    await page.getByRole('button', { name: 'Next picture' }).and(page.locator(':enabled')).waitFor();
    await page.keyboard.press('.');
    await expect
      .poll(() => page.getByRole('heading', { level: 1 }).textContent(), { timeout: MINUTE })
      .not.toBe(first);
    await page.getByRole('link', { name: 'Back to the list' }).click();
    await page.getByRole('heading', { name: made.name, level: 1 }).waitFor();
  });

  test('two pictures stand side by side in the same layout, and the keys are for the one that was used last', async () => {
    const { page } = session;
    const list = page.getByRole('listbox', { name: 'Evidence' });
    await list.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+ArrowRight');
    await expect.poll(() => list.locator('[aria-selected=true]').count(), { timeout: MINUTE }).toBe(2);
    await page.keyboard.press('b');
    const side = (number: number) => page.getByRole('region', { name: `Picture ${number} of 2` });
    for (const number of [1, 2])
      await side(number).locator('canvas[data-layers=simulation][data-ready=true]').waitFor();
    const names = await Promise.all(
      [1, 2].map((number) => side(number).getByRole('heading', { level: 1 }).textContent()),
    );
    expect(new Set(names).size).toBe(2);
    await side(2).getByRole('application').focus();
    await page.keyboard.press('o');
    await side(2).locator('canvas[data-layers=original]').waitFor();
    expect(await side(1).locator('canvas[data-layers=simulation]').count()).toBe(1);
    await side(1).getByRole('application').focus();
    await page.keyboard.press('w');
    await side(1).locator('canvas[data-layers*=" "]').waitFor();
    expect(await side(2).locator('canvas[data-layers=original]').count()).toBe(1);
    expect(await seriousViolations(page)).toEqual([]);
    await screenshot(page, '19-review-pair');
    await page.getByRole('link', { name: 'Back to the list' }).click();
    await expect.poll(() => list.locator('[aria-selected=true]').count(), { timeout: MINUTE }).toBe(2);
  });

  test('a conclusion is sealed until a second examiner has recorded theirs, and both are then told', async () => {
    const { page, workspace } = session;
    const as = (examiner: string) => async () => {
      const opened = await Workspace.open(workspace, { holder: 'a test' });
      await new SettingsService(opened).change({ examiner });
      await opened.close();
    };
    const before = session.heard.length;
    const panel = () => facts().getByRole('region', { name: 'Examiners’ conclusions' });
    const open = async () => {
      const address = new URL(page.url()).hash;
      await page.goto(session.host.url);
      await page.evaluate(
        (to) => void ((globalThis as unknown as { location: { hash: string } }).location.hash = to),
        address,
      );
    };
    await session.restart(as('Ada Lane'));
    await open();
    await page.getByRole('listbox', { name: 'Evidence' }).getByRole('option').first().dblclick();
    await panel().getByText('No examiner has recorded a conclusion of this picture.').waitFor();
    await panel().getByRole('button', { name: 'Record as Ada Lane' }).click();
    await panel().getByText('Choose a conclusion.').waitFor();
    await panel().getByText('Say why: a conclusion without reasons cannot be followed.').waitFor();
    await panel().getByLabel('Conclusion').selectOption('simulated');
    await panel().getByLabel('Reasons').fill('The shadows disagree.');
    await panel().getByRole('button', { name: 'Record as Ada Lane' }).click();
    await panel().getByText('sealed', { exact: true }).waitFor();
    expect(await panel().textContent()).not.toContain('The shadows disagree.');
    await session.restart(as('Bo Reed'));
    await open();
    await panel().getByText('sealed', { exact: true }).waitFor();
    expect(await page.content()).not.toContain('The shadows disagree.');
    await panel().getByLabel('Conclusion').selectOption('real');
    await panel().getByLabel('Reasons').fill('Nothing out of order.');
    await panel().getByRole('button', { name: 'Record as Bo Reed' }).click();
    await panel().getByText('The examiners do not agree.').waitFor();
    await panel().getByText('The shadows disagree.').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await screenshot(page, '18-examiners');
    await page.getByRole('link', { name: 'Back to the list' }).click();
    await page.getByRole('heading', { name: made.name, level: 1 }).waitFor();
    session.heard.splice(before);
  });

  test('an original whose bytes were changed is not shown, and the page says why', async () => {
    const { page, heard, workspace } = session;
    const before = heard.length;
    const items = page.getByRole('option');
    await items.last().dblclick();
    const hash = await facts()
      .getByTitle(/^[0-9a-f]{64}$/)
      .last()
      .getAttribute('title');
    await drawn('simulation');
    const blob = join(workspace, 'blobs', hash!.slice(0, 2), hash!);
    await session.restart(async () => {
      const bytes = await readFile(blob);
      bytes[bytes.length - 1]! ^= 1;
      await writeFile(blob, bytes);
    });
    const address = new URL(page.url()).hash;
    await page.goto(session.host.url);
    await page.evaluate(
      (to) => void ((globalThis as unknown as { location: { hash: string } }).location.hash = to),
      address,
    );
    await page
      .getByText(/is changed: its bytes now have the SHA-256/)
      .first()
      .waitFor();
    heard.splice(before);
  });

  nothingComplained(session);
});
