/** A detector on a GPU that gives way to the processor, for good, as soon as it fails. */
import type { Detector, TileOutputs } from '#inference/detector-session.ts';

export class FallingBack implements Detector {
  readonly passport: Detector['passport'];
  readonly #cpu: Detector;
  #current: Detector;

  constructor(fast: Detector, cpu: Detector) {
    this.#current = fast;
    this.#cpu = cpu;
    this.passport = cpu.passport;
  }

  /** After a failure, `cpu`. */
  get provider(): string {
    return this.#current.provider;
  }

  get runtimeMs(): number {
    return this.#current.runtimeMs;
  }

  async run(pixels: Uint8Array, count: number): Promise<TileOutputs> {
    if (this.#current === this.#cpu) return this.#cpu.run(pixels, count);
    try {
      return await this.#current.run(pixels, count);
    } catch {
      await this.#current.dispose().catch(() => undefined);
      this.#current = this.#cpu;
      return this.#cpu.run(pixels, count);
    }
  }

  async dispose(): Promise<void> {
    if (this.#current !== this.#cpu) await this.#current.dispose();
    await this.#cpu.dispose();
  }
}
