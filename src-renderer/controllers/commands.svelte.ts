/** The commands that can be given now: the one table of the contract, and what open pages say that each does. */
import { commands, type Command, type CommandId } from '#contract/command.ts';

type Act = () => unknown;
type Offer = Partial<Record<CommandId, Act>>;

const inField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)) &&
  !(target instanceof HTMLInputElement && ['radio', 'checkbox', 'range'].includes(target.type));

const dialogIsOpen = (): boolean => document.querySelector('[role="dialog"]') !== null;

/** Whether the event is the command's keys. */
export function matches(event: KeyboardEvent, keys: string): boolean {
  const parts = keys === '+' ? ['+'] : keys.split('+');
  const key = parts.at(-1) ?? '';
  const letter = /^[a-z]$/.test(key);
  const pressed = letter ? event.key.toLowerCase() : event.key;
  if (pressed !== key && !(key === '+' && event.key === '=')) return false;
  if (parts.includes('Mod') !== (event.ctrlKey || event.metaKey)) return false;
  if (parts.includes('Alt') !== event.altKey) return false;
  // Signs such as `?` and `+` need Shift on some keyboards.
  return !letter || parts.includes('Shift') === event.shiftKey;
}

export class Commands {
  /** What open pages offer, the one opened last at the end. */
  #shown = $state.raw<readonly Offer[]>([]);
  /** The same. What a teardown reads of state is what that was before the change that it follows; this is what it is now. */
  #offers: readonly Offer[] = [];

  /** Offers what some commands do, until the returned function is called. An effect may do so: it does not follow the others. */
  offer(offer: Offer): () => void {
    const change = (after: readonly Offer[]): void => {
      this.#offers = [...this.#offers.filter((other) => other !== offer), ...after];
      this.#shown = this.#offers;
    };
    change([offer]);
    return () => change([]);
  }

  /** Those that can be given now. */
  get available(): Command[] {
    return commands.filter(({ id }) => this.#find(id) !== undefined);
  }

  can(id: CommandId): boolean {
    return this.#find(id) !== undefined;
  }

  run(id: CommandId): void {
    this.#find(id)?.();
  }

  /** As chosen in a menu: as `run`, but a dialog is not talked over. */
  give(id: CommandId): void {
    if (!dialogIsOpen()) this.run(id);
  }

  /** Gives the command whose keys were pressed. A dialog keeps its keys, and so does a field, but for those with Mod or Alt. */
  press(event: KeyboardEvent): void {
    if (event.defaultPrevented || dialogIsOpen()) return;
    const found = commands.find(({ id, keys }) => keys && matches(event, keys) && this.can(id));
    if (!found?.keys) return;
    if (inField(event.target) && !/^(Mod|Alt)\+/.test(found.keys)) return;
    if (inField(event.target) && /^Mod\+(Shift\+)?z$/.test(found.keys)) return;
    event.preventDefault();
    this.run(found.id);
  }

  #find(id: CommandId): Act | undefined {
    return this.#shown.findLast((offer) => offer[id])?.[id];
  }
}
