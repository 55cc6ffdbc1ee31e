/**
 * The safetensors file format: eight bytes of header length, a JSON header, then the tensors' bytes.
 * Source: the format's description in the safetensors repository (Hugging Face), version 0.4. Only float32 is written.
 */

export interface NamedArrays {
  metadata: Record<string, string>;
  tensors: Record<string, { shape: number[]; data: Float32Array }>;
}

const ALIGNMENT = 8;

/** JSON as ASCII: everything beyond is escaped, which keeps its meaning. */
const asciiBytes = (json: string): Uint8Array =>
  Uint8Array.from(
    json.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
    (c) => c.charCodeAt(0),
  );

function asciiText(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return text;
}

export function encodeSafetensors({ metadata, tensors }: NamedArrays): Uint8Array {
  const entries: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    entries[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = asciiBytes(JSON.stringify(entries));
  const padded = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(8 + padded + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.fill(0x20, 8, 8 + padded); // the header may end in spaces
  bytes.set(json, 8);
  let at = 8 + padded;
  for (const { data } of Object.values(tensors)) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

interface Entry {
  dtype: unknown;
  shape: unknown;
  data_offsets: unknown;
}

/** @throws Error that says what is wrong, where the bytes are not a whole and valid file of float32 tensors. */
export function decodeSafetensors(bytes: Uint8Array): NamedArrays {
  if (bytes.length < 8) throw new Error('the file is shorter than its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = view.getBigUint64(0, true);
  if (headerLength > BigInt(bytes.length - 8)) throw new Error('the header is longer than the file');
  const start = 8 + Number(headerLength);
  const header = JSON.parse(asciiText(bytes.subarray(8, start))) as Record<string, Entry>;
  const { __metadata__: metadata, ...entries } = header as Record<string, Entry> & {
    __metadata__?: Record<string, string>;
  };
  const tensors: NamedArrays['tensors'] = {};
  let end = start;
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(entries)) {
    const [from, to] = offsets as [number, number];
    const sizes = shape as number[];
    const size = sizes.reduce((a, b) => a * b, 1);
    if (dtype !== 'F32') throw new Error(`${name} is ${String(dtype)}, not F32`);
    if (to - from !== size * 4 || from < 0 || start + to > bytes.length)
      throw new Error(`${name} does not lie in the file`);
    const copy = new Uint8Array(bytes.subarray(start + from, start + to)); // aligned, and a copy for every kind of array
    tensors[name] = { shape: sizes, data: new Float32Array(copy.buffer) };
    end = Math.max(end, start + to);
  }
  if (end !== bytes.length)
    throw new Error(`the file has ${bytes.length} bytes, its header describes ${end}`);
  return { metadata: metadata ?? {}, tensors };
}
