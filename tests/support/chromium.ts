/** The Chromium of the end-to-end tests: the one in CHROMIUM, which `npm test` sets, or the system's. */
import { existsSync } from 'node:fs';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Its path, or null where there is none; tests that need it are then skipped by name. */
export function chromium(): string | null {
  return [process.env['CHROMIUM'], ...places].find((path) => path && existsSync(path)) ?? null;
}

/** What it has to be started with: its sandbox does not work for root. */
export const chromiumArguments: string[] = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
