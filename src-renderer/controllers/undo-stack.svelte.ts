/** Edits that can be taken back and made again, newest last. What failed is neither kept nor forgotten half. */

export type Edit = { act: () => Promise<void>; revert: () => Promise<void> };

export class UndoStack {
  done = $state.raw<readonly Edit[]>([]);
  undone = $state.raw<readonly Edit[]>([]);
  /** One edit at a time; those made meanwhile wait for their turn. */
  busy = $state(false);
  #last: Promise<unknown> = Promise.resolve();

  /** Makes an edit; what had been undone can then no longer be made again. */
  make(edit: Edit): Promise<void> {
    return this.#inTurn(async () => {
      await edit.act();
      this.done = [...this.done, edit];
      this.undone = [];
    });
  }

  /** Takes this very edit back; `false` where another was made since, or it was taken back already. */
  async takeBack(edit: Edit): Promise<boolean> {
    let taken = false;
    await this.#inTurn(async () => {
      if (this.done.at(-1) !== edit) return;
      await this.#revertLast();
      taken = true;
    });
    return taken;
  }

  undo(): Promise<void> {
    return this.#inTurn(() => this.#revertLast());
  }

  redo(): Promise<void> {
    return this.#inTurn(async () => {
      const edit = this.undone.at(-1);
      if (!edit) return;
      await edit.act();
      this.undone = this.undone.slice(0, -1);
      this.done = [...this.done, edit];
    });
  }

  async #revertLast(): Promise<void> {
    const edit = this.done.at(-1);
    if (!edit) return;
    await edit.revert();
    this.done = this.done.slice(0, -1);
    this.undone = [...this.undone, edit];
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(async () => {
      this.busy = true;
      try {
        await act();
      } finally {
        this.busy = false;
      }
    });
    this.#last = turn.catch(() => undefined); // the one that failed has been told; the next has its turn
    return turn;
  }
}
