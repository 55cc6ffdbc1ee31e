/** The desktop around this window, where there is one: its menu shows what can be done here, and what it tells is done. */
import type { PentimentoClient } from '#contract/api.ts';
import type { CaseRecord } from '#contract/case.ts';
import { openable, type DesktopEvent } from '#contract/desktop.ts';
import type { Router } from '../app/router.svelte.ts';
import { hasDialogs, pathOfFile } from '../lib/host-connection.ts';
import type { Commands } from './commands.svelte.ts';

export class Desktop {
  /** The path of the file that is to be asked about, or an empty one where the person is to name it; null for neither. */
  asking = $state<string | null>(null);
  /** Cases that were opened last, the last first. */
  recent = $state.raw<readonly CaseRecord[]>([]);
  readonly #client: PentimentoClient;
  readonly #commands: Commands;
  readonly #router: Router;

  constructor(client: PentimentoClient, commands: Commands, router: Router) {
    this.#client = client;
    this.#commands = commands;
    this.#router = router;
  }

  /** Has the menu show what can be done now. Run inside an effect, so that it follows. */
  offer(): void {
    const commands = this.#commands.available.map(({ id }) => id);
    const recent = this.recent.map(({ id, name }) => ({ id, name }));
    if (hasDialogs()) this.#client.desktop.offer({ commands, recent }).catch(() => undefined);
  }

  /** Does what the desktop tells, until the returned function is called. */
  follow(): () => void {
    return this.#client.desktop.watch({}, { event: (event) => this.#take(event) });
  }

  /** Asks about a case bundle or a model that was dropped; false where the drop is something else. */
  takeDrop(transfer: DataTransfer | null): boolean {
    const [file] = transfer?.files ?? [];
    if (transfer?.files.length !== 1 || !file || openable(file.name) === null) return false;
    this.asking = pathOfFile(file) ?? '';
    return true;
  }

  /** Reads again which cases were opened last. Without an answer it leaves them as they are: nothing hangs on them. */
  async loadRecent(): Promise<void> {
    this.recent = await this.#client.cases.recent({}).catch(() => this.recent);
  }

  /** Remembers that a case was opened. A workspace that is open for reading does not. */
  async opened(caseId: string): Promise<void> {
    await this.#client.cases.opened({ id: caseId }).catch(() => undefined);
    await this.loadRecent();
  }

  #take(event: DesktopEvent): void {
    if (event.type === 'file') this.asking = event.file.path;
    else if (event.type === 'case') this.#router.go('cases', event.id);
    else this.#commands.give(event.id);
  }
}
