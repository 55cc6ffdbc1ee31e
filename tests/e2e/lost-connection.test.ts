/** A connection to the host that is lost while an edit is under way: it comes back by itself, and the edit is made once. */
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import type { WebSocketRoute } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { browserSession, MINUTE, withoutChromium } from '../support/browser-session.ts';

describe.skipIf(withoutChromium)('a lost connection', () => {
  const session = browserSession();
  const sockets: { page: WebSocketRoute; host: WebSocketRoute }[] = [];
  /** Answers of the host that did not reach the page. */
  let held: (string | Buffer)[] | null = null;

  const grid = () => session.page.getByRole('listbox', { name: 'Pictures' });
  const labelled = (label: string) => grid().getByText(label, { exact: true }).count();
  const edits = (action: string): number => {
    const database = new BetterSqlite(join(session.workspace, 'workspace.sqlite'), { readonly: true });
    try {
      const row = database.prepare('SELECT count(*) AS n FROM dataset_edits WHERE action = ?').get(action);
      return (row as { n: number }).n;
    } finally {
      database.close();
    }
  };

  test('scenes are rendered while the connection is watched', async () => {
    const { page } = session;
    await page.routeWebSocket(/.*/, (socket) => {
      const host = socket.connectToServer();
      sockets.push({ page: socket, host });
      socket.onMessage((message) => host.send(message));
      host.onMessage((message) => (held ? void held.push(message) : socket.send(message)));
    });
    await page.reload();
    await page.getByRole('main').waitFor();
    await page.keyboard.press('Alt+3');
    await page.getByRole('button', { name: 'Render scenes' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Render sample scenes' });
    await dialog.getByLabel('Dataset').fill('cut off');
    await dialog.getByLabel('Scenes').fill('4');
    await dialog.getByRole('button', { name: 'Render' }).click();
    await expect.poll(() => labelled('Real'), { timeout: 2 * MINUTE }).toBe(4);
    expect(sockets.length).toBeGreaterThan(0);
  });

  test('an edit whose answer is lost with the connection is answered after it is back, and made once', async () => {
    const { page } = session;
    await grid().focus();
    await page.keyboard.press('Control+a');
    held = [];
    await page.keyboard.press('3');
    await expect.poll(() => edits('label'), { timeout: MINUTE }).toBe(1);
    await expect.poll(() => held!.length, { timeout: MINUTE }).toBeGreaterThan(0);
    expect(await labelled('Simulated')).toBe(0);
    const before = sockets.length;
    const { page: near, host } = sockets.at(-1)!;
    held = null;
    await host.close();
    await near.close();
    await expect.poll(() => sockets.length, { timeout: MINUTE }).toBeGreaterThan(before);
    await expect.poll(() => labelled('Simulated'), { timeout: MINUTE }).toBe(4);
    await page.getByText('4 pictures: labelled simulated.').waitFor();
    await page.getByText('Connected', { exact: true }).waitFor();
    expect(edits('label')).toBe(1);
  });

  test('an edit that is asked for while there is no connection is made when it is back', async () => {
    const { page } = session;
    const { page: near, host } = sockets.at(-1)!;
    await host.close();
    await near.close();
    await grid().focus();
    await page.keyboard.press('2');
    await expect.poll(() => labelled('Reference'), { timeout: MINUTE }).toBe(4);
    expect(edits('label')).toBe(2);
  });
});
