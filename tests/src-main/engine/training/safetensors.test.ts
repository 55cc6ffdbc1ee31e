import { describe, expect, test } from 'vitest';
import { decodeCheckpoint } from '#engine/training/checkpoint.ts';
import { decodeSafetensors, encodeSafetensors } from '#engine/training/safetensors.ts';

const example = () =>
  encodeSafetensors({
    metadata: { note: 'Grüße 写真' },
    tensors: {
      a: { shape: [2, 2], data: Float32Array.of(1, -2, 3.5, 0) },
      'b/c': { shape: [3], data: Float32Array.of(1e-30, 7, -0) },
    },
  });

describe('safetensors', () => {
  test('what was written is read back, metadata beyond ASCII included', () => {
    const { metadata, tensors } = decodeSafetensors(example());
    expect(metadata).toEqual({ note: 'Grüße 写真' });
    expect(tensors['a']).toEqual({ shape: [2, 2], data: Float32Array.of(1, -2, 3.5, 0) });
    expect(tensors['b/c']!.data).toEqual(Float32Array.of(1e-30, 7, -0));
  });

  test('a Node buffer inside a larger one is read like any other bytes', () => {
    const bytes = example();
    const inside = Buffer.concat([Buffer.alloc(3), bytes]).subarray(3);
    expect(decodeSafetensors(inside)).toEqual(decodeSafetensors(bytes));
  });

  test('the layout is that of the format: little-endian header length, JSON, then the data', () => {
    const bytes = example();
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString('ascii')) as Record<
      string,
      unknown
    >;
    expect(header['a']).toEqual({ dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] });
    expect(new DataView(bytes.buffer).getFloat32(8 + length + 4, true)).toBe(-2);
  });

  test('a file cut anywhere is refused', () => {
    const bytes = example();
    for (let end = 0; end < bytes.length; end += 3)
      expect(() => decodeSafetensors(bytes.subarray(0, end)), `cut at ${end}`).toThrow();
  });

  test('a file with bytes added is refused', () => {
    expect(() => decodeSafetensors(Uint8Array.of(...example(), 0))).toThrow(/header describes/);
  });

  test('a valid file of something else is not taken for a checkpoint', () => {
    expect(() => decodeCheckpoint(example())).toThrow(/format/);
  });
});
