/** What the end-to-end tests look at in a page: console errors, painted canvases, accessibility, screenshots. */
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { JSHandle, Locator, Page } from 'playwright-core';

const folder = resolve(import.meta.dirname, '../../screenshots');

/** Collects what a page complains of from now on: errors on the console, exceptions, and files that did not come. */
export function complaints(page: Page): string[] {
  const all: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') all.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => all.push(`exception: ${error.message}`));
  page.on('response', (response) => {
    if (response.status() >= 400) all.push(`status ${response.status()}: ${response.url()}`);
  });
  return all;
}

/** Rules that the page breaks, at the levels serious and critical, each with the places where it does. */
export async function seriousViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

/** Writes `screenshots/<name>.png`. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const path = join(folder, `${name}.png`);
  await mkdir(dirname(path), { recursive: true });
  await page.screenshot({ path });
}

/**
 * The variance of a painted canvas: the mean over red, green and blue of the variance of their bytes, 0 for one colour.
 * @param canvas a `canvas`, or an element that holds one
 */
export function paintedVariance(canvas: Locator): Promise<number> {
  return canvas.first().evaluate((element) => {
    const target = (element as { querySelector(name: string): unknown }).querySelector('canvas') ?? element;
    const { width, height, getContext } = target as {
      width: number;
      height: number;
      getContext(kind: '2d'): { getImageData(...box: number[]): { data: Uint8ClampedArray } };
    };
    const { data } = getContext.call(target, '2d').getImageData(0, 0, width, height);
    const pixels = data.length / 4;
    let variance = 0;
    for (let channel = 0; channel < 3; channel++) {
      let sum = 0;
      let squares = 0;
      for (let at = channel; at < data.length; at += 4) {
        sum += data[at]!;
        squares += data[at]! ** 2;
      }
      variance += (squares / pixels - (sum / pixels) ** 2) / 3;
    }
    return variance;
  });
}

/** Drops a file with these bytes on the element, as a person does with the mouse. */
export async function dropFile(page: Page, on: string, name: string, bytes: Uint8Array): Promise<void> {
  await page.dispatchEvent(on, 'drop', { dataTransfer: await transferOf(page, name, bytes) });
}

/** Pastes a file, as if it had been copied elsewhere. */
export async function pasteFile(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  const transfer = await transferOf(page, name, bytes);
  await transfer.evaluate((clipboardData) => {
    const scope = globalThis as unknown as {
      ClipboardEvent: new (type: string, of: object) => Event;
      dispatchEvent(event: Event): void;
    };
    scope.dispatchEvent(new scope.ClipboardEvent('paste', { clipboardData }));
  });
}

function transferOf(page: Page, name: string, bytes: Uint8Array): Promise<JSHandle> {
  return page.evaluateHandle(
    ({ name, base64 }) => {
      const scope = globalThis as unknown as {
        DataTransfer: new () => { items: { add(file: unknown): void } };
      };
      const transfer = new scope.DataTransfer();
      transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
      return transfer;
    },
    { name, base64: Buffer.from(bytes).toString('base64') },
  );
}
