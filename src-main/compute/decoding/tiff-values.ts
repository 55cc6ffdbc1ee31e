/** The numbers of a TIFF structure in memory (TIFF 6.0, section 2), in its byte order. */

export class TiffValues {
  protected readonly bytes: Buffer;
  readonly #little: boolean;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.#little = bytes[0] === 0x49;
  }

  /** 0 where it would reach past the end. */
  u16(at: number): number {
    if (at < 0 || at + 2 > this.bytes.length) return 0;
    return this.#little ? this.bytes.readUInt16LE(at) : this.bytes.readUInt16BE(at);
  }

  /** 0 where it would reach past the end. */
  u32(at: number): number {
    if (at < 0 || at + 4 > this.bytes.length) return 0;
    return this.#little ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at);
  }
}
