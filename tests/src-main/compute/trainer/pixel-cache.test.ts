import { expect, test } from 'vitest';
import { PixelCache } from '#compute/trainer/pixel-cache.ts';
import type { RgbImage } from '#engine/ports.ts';

/** A picture of a quarter of a megabyte. */
const picture = (value: number): RgbImage => ({
  width: 512,
  height: 170,
  data: new Uint8Array(2 ** 18).fill(value),
});

function counted(megabytes: number) {
  const cache = new PixelCache(megabytes);
  const decoded: string[] = [];
  const read = async (name: string) => {
    const { data } = await cache.read(name, async () => (decoded.push(name), picture(name.charCodeAt(0))));
    return String.fromCharCode(data.at(-1)!);
  };
  return { cache, decoded, read };
}

test('a picture is decoded once, even where it is asked for again before it is there', async () => {
  const { decoded, read } = counted(1);
  expect(await Promise.all([read('a'), read('a'), read('b')])).toEqual(['a', 'a', 'b']);
  expect(await read('a')).toBe('a');
  expect(decoded).toEqual(['a', 'b']);
});

test('beyond the bound, what was not used for longest is decoded again, with the same pixels', async () => {
  const { cache, decoded, read } = counted(1); // four pictures
  for (const name of ['a', 'b', 'c', 'd', 'a', 'e']) expect(await read(name)).toBe(name);
  expect(cache.bytes).toBe(2 ** 20);
  expect(await read('a')).toBe('a');
  expect(await read('b')).toBe('b');
  expect(decoded).toEqual(['a', 'b', 'c', 'd', 'e', 'b']);
});

test('a picture larger than the bound is given and not kept', async () => {
  const { cache, decoded, read } = counted(0.1);
  expect([await read('a'), await read('a')]).toEqual(['a', 'a']);
  expect(cache.bytes).toBe(0);
  expect(decoded).toEqual(['a', 'a']);
});

test('what could not be decoded is tried again', async () => {
  const cache = new PixelCache(1);
  await expect(cache.read('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect((await cache.read('a', () => Promise.resolve(picture(1)))).data[0]).toBe(1);
});

test('what it keeps is memory that threads share', async () => {
  const { data } = await new PixelCache(1).read('a', () => Promise.resolve(picture(1)));
  expect(data.buffer).toBeInstanceOf(SharedArrayBuffer);
});
