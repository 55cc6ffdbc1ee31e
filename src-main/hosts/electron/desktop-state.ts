/** What the desktop remembers from one start to the next: where its window was, and which runs quitting interrupted. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const bounds = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(400),
  height: z.number().int().min(300),
});
export type Bounds = z.infer<typeof bounds>;
const state = z.object({
  window: bounds.extend({ maximised: z.boolean() }).nullable().default(null),
  /** Ids of runs to be taken up again. */
  resume: z.array(z.string()).default([]),
});
export type RememberedState = z.infer<typeof state>;

export class DesktopState {
  readonly #file: string;
  #state: RememberedState;

  /** A file that is absent or damaged counts as an empty one. */
  constructor(file: string) {
    this.#file = file;
    this.#state = state.parse({});
    try {
      this.#state = state.parse(JSON.parse(readFileSync(file, 'utf8')));
    } catch {
      // the first start, or nothing worth keeping
    }
  }

  get(): RememberedState {
    return this.#state;
  }

  /** Writes whole or not at all; what cannot be written is forgotten, since no work depends on it. */
  set(change: Partial<RememberedState>): void {
    this.#state = { ...this.#state, ...change };
    try {
      writeFileSync(`${this.#file}.new`, JSON.stringify(this.#state));
      renameSync(`${this.#file}.new`, this.#file);
    } catch (error) {
      console.error('the state of the desktop was not written:', error);
    }
  }
}

/** The remembered place, where enough of it lies on a screen that is there; null otherwise. */
export function placeOn(screens: readonly Bounds[], window: Bounds | null): Bounds | null {
  if (!window) return null;
  const shared = (a: number, aLength: number, b: number, bLength: number) =>
    Math.min(a + aLength, b + bLength) - Math.max(a, b);
  const visible = screens.some(
    (screen) =>
      shared(screen.x, screen.width, window.x, window.width) >= 200 &&
      shared(screen.y, screen.height, window.y, window.height) >= 100,
  );
  const { x, y, width, height } = window;
  return visible ? { x, y, width, height } : null;
}
