/** Edits that can be taken back and made again, newest last. What failed is neither kept nor forgotten half. */

export type Edit = { act: () => Promise<void>; revert: () => Promise<void> };

export class UndoStack {
  done = $state.raw<readonly Edit[]>([]);
  undone = $state.raw<readonly Edit[]>([]);
  /** One edit at a time. */
  busy = $state(false);

  /** Makes an edit; what had been undone can then no longer be made again. */
  async make(edit: Edit): Promise<void> {
    await this.#alone(async () => {
      await edit.act();
      this.done = [...this.done, edit];
      this.undone = [];
    });
  }

  async undo(): Promise<void> {
    const edit = this.done.at(-1);
    if (!edit) return;
    await this.#alone(async () => {
      await edit.revert();
      this.done = this.done.slice(0, -1);
      this.undone = [...this.undone, edit];
    });
  }

  async redo(): Promise<void> {
    const edit = this.undone.at(-1);
    if (!edit) return;
    await this.#alone(async () => {
      await edit.act();
      this.undone = this.undone.slice(0, -1);
      this.done = [...this.done, edit];
    });
  }

  async #alone(act: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await act();
    } finally {
      this.busy = false;
    }
  }
}
