/** Between the windows and the desktop around them: their offers go to the menu, what is chosen there or opened goes to them. */
import { AsyncQueue } from '#compute/async-queue.ts';
import type { DesktopEvent, MenuOffer } from '#contract/desktop.ts';
import type { DesktopPort } from '#features/desktop/desktop-port.ts';

export class DesktopLink implements DesktopPort {
  /** Told of every offer that differs from the one before. */
  onOffer: (offer: MenuOffer) => void = () => undefined;
  #offer: MenuOffer = { commands: [], recent: [] };
  /** What no window has heard yet. */
  #unheard: DesktopEvent[] = [];
  readonly #windows: AsyncQueue<DesktopEvent>[] = [];

  offer(offer: MenuOffer): void {
    if (JSON.stringify(offer) === JSON.stringify(this.#offer)) return;
    this.#offer = offer;
    this.onOffer(offer);
  }

  /** Tells the window that came last; where there is none, the next that comes. */
  send(event: DesktopEvent): void {
    const window = this.#windows.at(-1);
    if (window) window.push(event);
    else this.#unheard.push(event);
  }

  async *watch(signal: AbortSignal): AsyncGenerator<DesktopEvent> {
    if (signal.aborted) return;
    const queue = new AsyncQueue<DesktopEvent>();
    const leave = (): void => {
      this.#windows.splice(this.#windows.indexOf(queue), 1);
      queue.end();
    };
    signal.addEventListener('abort', leave, { once: true });
    this.#windows.push(queue);
    for (const event of this.#unheard.splice(0)) queue.push(event);
    yield* queue;
  }
}
