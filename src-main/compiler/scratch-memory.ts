/**
 * Memory for what kernels give while a trace is recorded. A trace needs no values, so that large results all lie at one place and
 * overwrite each other: a training step whose activations fill gigabytes is recorded in the memory of its largest tensor.
 */

/** What TensorFlow.js's WASM heap offers; addresses are signed, 0 where it cannot grow. */
interface Heap {
  _malloc(bytes: number): number;
  _free(address: number): void;
}

/** Smaller results keep their own values, which may be indices that other kernels follow. */
const LARGE = 2 ** 20;

export class ScratchMemory {
  /** Whether large allocations are given the common place. */
  active = false;
  readonly #places = new Set<number>();
  #place = 0;
  #size = 0;

  constructor(heap: Heap) {
    heap._free(heap._malloc(1)); // Emscripten puts the real functions into their places at their first call
    const [allocate, free] = [heap._malloc, heap._free];
    heap._malloc = (bytes) => {
      if (!this.active || bytes < LARGE) return allocate(bytes);
      if (bytes > this.#size) {
        [this.#place, this.#size] = [allocate(bytes), bytes];
        this.#places.add(this.#place >>> 0);
      }
      return this.#place;
    };
    // The common places stay, for the next trace: tensors of this one may still name them.
    heap._free = (address) => {
      if (!this.#places.has(address >>> 0)) free(address);
    };
  }
}
