/** Short names of long arrays, so that a comparison that fails can be read, and is quick. */
import { createHash } from 'node:crypto';

/** The same object with a digest of its bytes in place of every typed array. Shapes, numbers and names stay. */
export function digests(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  }
  if (Array.isArray(value)) return value.map(digests);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, digests(one)]));
}
