import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodeMap, encodeMap } from '#compute/map-image.ts';

const map = { width: 3, height: 2, data: Float32Array.of(-2, -1, 0, 1, 2.5, 6) };

test.each([8, 16] as const)('a map survives its %i-bit file within half a step', async (bits) => {
  const image = await encodeMap(map, { bits });
  expect(image).toMatchObject({ width: 3, height: 2, bits, min: -2, max: 6 });
  const back = await decodeMap(image.png, image);
  expect([back.width, back.height]).toEqual([3, 2]);
  back.data.forEach((v, i) =>
    expect(Math.abs(v - map.data[i]!)).toBeLessThanOrEqual(4 / (2 ** bits - 1) + 1e-6),
  );
});

test.each([8, 16] as const)('the file is a grey PNG of %i bits with one channel', async (bits) => {
  const { png } = await encodeMap(map, { bits });
  expect(await sharp(png).metadata()).toMatchObject({ format: 'png', channels: 1, bitsPerSample: bits });
});

test('a stored value v stands for min + v / (2^bits - 1) * (max - min)', async () => {
  const { png } = await encodeMap(map, { bits: 8, range: { min: -2, max: 3.1 } });
  const raw = await sharp(png).toColourspace('b-w').raw().toBuffer();
  expect([...raw]).toEqual([0, 50, 100, 150, 225, 255]);
});

test('a 16-bit unit map is stored as it is, in the range from 0 to 1', async () => {
  const data = Uint16Array.of(0, 1, 256, 32768, 65534, 65535);
  const image = await encodeMap({ width: 3, height: 2, data }, { bits: 16 });
  expect(image).toMatchObject({ min: 0, max: 1 });
  const back = await decodeMap(image.png, image);
  expect(Array.from(back.data, (v) => Math.round(v * 65535))).toEqual([...data]);
});

test('a map of one value comes back as that value', async () => {
  const image = await encodeMap({ width: 2, height: 1, data: Float32Array.of(4.5, 4.5) }, { bits: 16 });
  expect([...(await decodeMap(image.png, image)).data]).toEqual([4.5, 4.5]);
});
