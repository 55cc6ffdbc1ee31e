/** Notices and errors: shown as toasts, kept for the session so that they can be read again. */
import { AppError } from '#contract/errors.ts';

export type MessageKind = 'error' | 'warning' | 'info' | 'success';
/** What a person may do about it while it is on screen, e.g. take an edit back. */
export type MessageAction = { label: string; run: () => void };
export type Message = {
  id: number;
  kind: MessageKind;
  title: string;
  hint: string;
  at: number;
  action?: MessageAction | undefined;
};

const TOAST_MS = 7000;
const KEPT = 200;

export class Messages {
  /** Newest first. */
  history = $state.raw<readonly Message[]>([]);
  toasts = $state.raw<readonly Message[]>([]);
  unread = $state(0);
  #next = 1;
  readonly #timers: Record<number, ReturnType<typeof setTimeout>> = {};

  /** The one way in which a failure reaches a person: what happened, and what to do. */
  showError(cause: unknown): void {
    const error = AppError.from(cause);
    if (error.code === 'cancelled') return;
    this.#add('error', error.message, error.hint);
  }

  notify(kind: Exclude<MessageKind, 'error'>, title: string, hint = '', action?: MessageAction): void {
    this.#add(kind, title, hint, action);
  }

  /** Does what a toast offers, once. */
  act({ id, action }: Message): void {
    this.dismiss(id);
    action?.run();
  }

  dismiss(id: number): void {
    clearTimeout(this.#timers[id]);
    delete this.#timers[id];
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }

  markRead(): void {
    this.unread = 0;
  }

  clear(): void {
    for (const toast of this.toasts) this.dismiss(toast.id);
    this.history = [];
    this.unread = 0;
  }

  /** Errors stay until they are dismissed; everything else goes by itself. A repeated toast is renewed, not doubled. */
  #add(kind: MessageKind, title: string, hint: string, action?: MessageAction): void {
    const message: Message = { id: this.#next++, kind, title, hint, at: Date.now(), action };
    this.history = [message, ...this.history].slice(0, KEPT);
    this.unread += 1;
    for (const toast of this.toasts) if (toast.title === title) this.dismiss(toast.id);
    this.toasts = [...this.toasts, message].slice(-4);
    if (kind !== 'error') this.#timers[message.id] = setTimeout(() => this.dismiss(message.id), TOAST_MS);
  }
}
