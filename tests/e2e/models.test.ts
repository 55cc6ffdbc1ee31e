/**
 * Models in a real Chromium against the real, built headless host, with real ONNX Runtime: one is imported, two are evaluated on
 * a list of labelled pictures and compared, and the other becomes current once every changed verdict was shown.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { ModelService } from '#features/models/model.service.ts';
import { Workspace } from '#storage/workspace.ts';
import { browserSession, MINUTE, nothingComplained, withoutChromium } from '../support/browser-session.ts';
import { tinyCalibration, writeTinyDetector } from '../support/tiny-detector.ts';
import { screenshot, seriousViolations } from '../support/workbench-page.ts';

/** Share of red; the tiny detector's logit is ten times it. */
const reds = { real: [0.05, 0.15, 0.25], simulated: [0.12, 0.3, 0.4] };

describe.skipIf(withoutChromium)('models in Chromium', () => {
  const session = browserSession(async ({ folder, workspace }) => {
    await mkdir(join(folder, 'labelled'));
    const lines = ['path,label,category'];
    for (const [label, shares] of Object.entries(reds))
      for (const red of shares) {
        const background = { r: Math.round(255 * red), g: 10, b: 10 };
        await sharp({ create: { width: 128, height: 128, channels: 3, background } })
          .png()
          .toFile(join(folder, 'labelled', `${red}.png`));
        lines.push(`${red}.png,${label},${label === 'real' ? '' : 'splice'}`);
      }
    lines.push('gone.png,real,');
    await writeFile(join(folder, 'labelled', 'list.csv'), lines.join('\n'));
    const opened = await Workspace.open(workspace, { holder: 'a test' });
    await new ModelService(opened).import(await writeTinyDetector(join(folder, 'first.onnx')));
    await opened.close();
    // The same scores, but the ratio is 1 at 3.5: what was simulated at 2.5 and 3 is real.
    const [tier, ...others] = tinyCalibration().tiers;
    const later = { ...tier!, map: { kind: 'logistic' as const, slope: 5, offset: -17.5 } };
    await writeTinyDetector(join(folder, 'later.onnx'), {
      passport: { calibration: tinyCalibration({ tiers: [later, ...others] }) },
    });
  });
  const dialog = (name: string) => session.page.getByRole('dialog', { name });
  const give = async (command: string) => {
    const { page } = session;
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Find a command' }).fill(command);
    await page.keyboard.press('Enter');
  };
  const card = (name: string) =>
    session.page
      .locator('section.card')
      .filter({ has: session.page.getByRole('heading', { level: 2, name, exact: true }) });

  test('a model is imported with the keyboard, and its passport says how a verdict is read', async () => {
    const { page, folder } = session;
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('Alt+7');
    await page.getByRole('heading', { level: 1, name: 'first' }).waitFor();
    await give('Import a model');
    await dialog('Import a model').getByLabel('Path of the ONNX file').fill(join(folder, 'later.onnx'));
    await dialog('Import a model').getByRole('button', { name: 'Import', exact: true }).press('Enter');
    await page.getByRole('heading', { level: 1, name: 'later' }).waitFor();
    await card('How to read a verdict').getByText('It was forged.').waitFor();
    await card('Beside another model').getByText('No list of labelled pictures was judged by both').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
  });

  test('two models are evaluated on one list; what could not be judged is told with its reason', async () => {
    const { page, folder } = session;
    await give('Evaluate this model');
    const form = dialog('Evaluate “later”');
    await form.getByRole('button', { name: 'Evaluate' }).press('Enter');
    await form.getByText('Type the path of a list').waitFor();
    await form.getByLabel('Path of the list').fill(join(folder, 'labelled', 'list.csv'));
    await form.getByLabel('On the same pictures also').selectOption('first');
    expect(await seriousViolations(page)).toEqual([]);
    await screenshot(page, '23-evaluate');
    await form.getByRole('button', { name: 'Evaluate' }).press('Enter');
    await page
      .getByText('6 pictures were judged.')
      .first()
      .waitFor({ timeout: 2 * MINUTE });
    const job = page.getByRole('article', { name: 'Evaluation of “later” and “first”' });
    await job.getByText('gone.png does not exist.').waitFor();
    await card('Evaluation').getByText('3 real and 3 simulated pictures').waitFor();
    for (const chart of ['ROC', 'Precision and recall', 'DET', 'Reliability', 'Tippett', 'Scores'])
      await card('Evaluation').getByRole('img', { name: chart }).waitFor();
  });

  test('the worst mistakes are shown as pictures', async () => {
    const mistakes = card('Evaluation').getByRole('listitem').filter({ hasText: 'simulated, called real' });
    await expect.poll(() => mistakes.count()).toBe(2);
    await mistakes.first().scrollIntoViewIfNeeded();
    await expect
      .poll(() =>
        mistakes
          .first()
          .locator('img')
          .evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
      )
      .toBe(128);
  });

  test('two models stand beside each other with every verdict that differs, in both themes', async () => {
    const { page } = session;
    const beside = card('Beside another model');
    await beside.getByText('Difference of the AUCs 0.000').waitFor();
    await beside.getByText('4 pictures get another verdict').waitFor();
    await beside.getByRole('region', { name: 'Pictures whose verdict changes' }).focus();
    await beside.getByRole('listitem').filter({ hasText: '0.25.png' }).waitFor();
    for (const [size, name] of [
      [{ width: 2560, height: 1440 }, 'large'],
      [{ width: 1366, height: 768 }, 'small'],
    ] as const) {
      await page.setViewportSize(size);
      await page.getByRole('heading', { level: 2, name: 'Evaluation', exact: true }).scrollIntoViewIfNeeded();
      await screenshot(page, `24-models-${name}`);
      await beside.getByRole('region', { name: 'Pictures whose verdict changes' }).scrollIntoViewIfNeeded();
      await screenshot(page, `25-models-beside-${name}`);
      await page.keyboard.press('Control+Shift+l');
      expect(await seriousViolations(page)).toEqual([]);
    }
  });

  test('a model becomes current only after every picture whose verdict changes was shown', async () => {
    const { page } = session;
    await give('Use this model as current');
    const promotion = dialog('What changes with “later”');
    await promotion.getByText('Of 6 pictures that both models gave a verdict on, 4 change.').waitFor();
    await expect.poll(() => promotion.getByRole('listitem').count()).toBe(4);
    await expect.poll(() => promotion.locator('img').count()).toBe(4);
    expect(await seriousViolations(page)).toEqual([]);
    await screenshot(page, '26-promotion');
    await promotion.getByRole('button', { name: 'Use as current' }).press('Enter');
    await page.getByText('“later” is now the current model.').first().waitFor();
    await page.getByRole('link', { name: /later.*Current/ }).waitFor();
  });

  nothingComplained(session);
});
