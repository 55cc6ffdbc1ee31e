/** One act at a time, as of a dialog's buttons: while one is under way, others are not begun. What it fails with is told. */
export class OneAtATime {
  busy = $state(false);
  readonly #failed: (cause: unknown) => void;

  constructor(failed: (cause: unknown) => void) {
    this.#failed = failed;
  }

  async run(act: () => Promise<unknown>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await act();
    } catch (cause) {
      this.#failed(cause);
    } finally {
      this.busy = false;
    }
  }
}
