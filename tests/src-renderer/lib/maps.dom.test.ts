import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import {
  colourTable,
  fullRange,
  heldRange,
  legendTicks,
  paintMap,
  parseColour,
  sampleToValue,
} from '#renderer/lib/colour-map.ts';
import { decodeGreyPng } from '#renderer/lib/grey-png.ts';

const WIDTH = 37;
const HEIGHT = 11;
const ramp16 = Uint16Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i * 40_503) % 65_536);

async function png16(filter: boolean): Promise<Uint8Array> {
  const raw = { width: WIDTH, height: HEIGHT, channels: 1 as const };
  return sharp(ramp16, { raw }).toColourspace('grey16').png({ adaptiveFiltering: filter }).toBuffer();
}

describe('grey PNG files', () => {
  test('16-bit samples arrive exactly as they were written, with and without row filters', async () => {
    for (const filter of [false, true]) {
      const picture = await decodeGreyPng(await png16(filter));
      expect(picture).toMatchObject({ width: WIDTH, height: HEIGHT, bits: 16 });
      expect([...picture.samples]).toEqual([...ramp16]);
    }
  });

  test('8-bit samples arrive exactly, from grey files and from colour files with equal channels', async () => {
    const ramp8 = Uint8Array.from(ramp16, (value) => value >> 8);
    const grey = sharp(ramp8, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } });
    for (const file of [
      await grey.clone().toColourspace('b-w').png().toBuffer(),
      await grey.clone().toColourspace('srgb').png({ adaptiveFiltering: true }).toBuffer(),
    ]) {
      const picture = await decodeGreyPng(file);
      expect(picture.bits).toBe(8);
      expect([...picture.samples]).toEqual([...ramp8]);
    }
  });

  test('a file that is not a PNG or ends early is refused in words', async () => {
    const file = await png16(false);
    await expect(decodeGreyPng(new TextEncoder().encode('not a picture'))).rejects.toThrow('not a PNG');
    await expect(decodeGreyPng(file.slice(0, file.length - 40))).rejects.toThrow('ends early');
  });
});

describe('colour maps', () => {
  test('a stored sample stands for its value in the unit of the map', () => {
    const reference = { bits: 16 as const, min: -3, max: 5 };
    expect(sampleToValue(0, reference)).toBe(-3);
    expect(sampleToValue(65_535, reference)).toBe(5);
    expect(sampleToValue(255, { bits: 8, min: 0, max: 1 })).toBe(1);
    expect(sampleToValue(51, { bits: 8, min: 0, max: 10 })).toBeCloseTo(2, 12);
  });

  test('colours are read from both notations of the library', () => {
    expect(parseColour('#0d0887')).toEqual([13, 8, 135]);
    expect(parseColour('rgb(35, 23, 27)')).toEqual([35, 23, 27]);
  });

  test('the lowest and the highest sample get the ends of the table, at 8 and at 16 bits', () => {
    const table = colourTable('viridis');
    const first = [...table.subarray(0, 3), 255];
    const last = [...table.subarray(-3), 255];
    expect(first).not.toEqual(last);
    const eight = paintMap({ width: 2, height: 1, bits: 8, samples: Uint8Array.of(0, 255) }, 'viridis');
    const sixteen = paintMap(
      { width: 2, height: 1, bits: 16, samples: Uint16Array.of(0, 65_535) },
      'viridis',
    );
    expect([...eight]).toEqual([...first, ...last]);
    expect([...sixteen]).toEqual([...first, ...last]);
  });

  test('greys are grey and rise with the sample', () => {
    const painted = paintMap({ width: 3, height: 1, bits: 8, samples: Uint8Array.of(10, 100, 200) }, 'greys');
    expect([...painted]).toEqual([10, 10, 10, 255, 100, 100, 100, 255, 200, 200, 200, 255]);
  });

  test('a stretched map uses all colours for the values that it holds, and a map of one value stays as it is', () => {
    const weak = { width: 3, height: 1, bits: 16 as const, samples: Uint16Array.of(30_000, 30_040, 30_200) };
    expect(heldRange(weak)).toEqual({ low: 30_000, high: 30_200 });
    const painted = paintMap(weak, 'greys', heldRange(weak));
    expect([painted[0], painted[4], painted[8]]).toEqual([0, 51, 255]);
    expect(heldRange({ ...weak, samples: Uint16Array.of(7, 7, 7) })).toEqual(fullRange(weak));
  });

  test('a legend runs evenly from the lowest to the highest value', () => {
    expect(legendTicks(-1, 3)).toEqual([-1, 0, 1, 2, 3]);
    expect(legendTicks(2, 2)).toEqual([2]);
  });
});
