/** What the host's desktop is to its windows: a menu that shows their offers, and what is chosen in it or opened from outside. */
import type { DesktopEvent, MenuOffer } from '#contract/desktop.ts';

export interface DesktopPort {
  /** Has the menu show it. */
  offer(offer: MenuOffer): void;
  /** What came since nobody watched, then everything, until `signal` is aborted. */
  watch(signal: AbortSignal): AsyncIterable<DesktopEvent>;
}

/** Of hosts without a desktop. */
export const noDesktop: DesktopPort = {
  offer: () => undefined,
  async *watch() {},
};
