/** Decoding: the numbers that come out, under the rules that decode-photograph.ts states. */
import { mkdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { decodePhotograph, probePhotograph } from '#compute/decoding/decode-photograph.ts';
import { samplePicture, samplePixels, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const bytesOf = (data: Uint8Array): number[] => Array.from(data);

test('a PNG, a lossless WebP and a TIFF give the pixels that were written, and no notes', async () => {
  const folder = temporaryFolder();
  const pixels = samplePixels(70, 65);
  for (const [format, encoded] of [
    ['png', samplePicture(70, 65).png()],
    ['webp', samplePicture(70, 65).webp({ lossless: true })],
    ['tiff', samplePicture(70, 65).tiff({ compression: 'lzw' })],
  ] as const) {
    const decoded = await decodePhotograph(write(folder, 'a', await encoded.toBuffer()));
    expect(decoded).toMatchObject({ format, width: 70, height: 65, notes: [], pages: 1 });
    expect(decoded.image).toMatchObject({ width: 70, height: 65 });
    expect(Buffer.from(decoded.image.data).equals(pixels), format).toBe(true);
  }
});

test('a JPEG, a GIF and an AVIF are known by their bytes, whatever their names say', async () => {
  const folder = temporaryFolder();
  for (const [format, encoded] of [
    ['jpeg', samplePicture().jpeg()],
    ['gif', samplePicture().gif()],
    ['avif', samplePicture().avif({ effort: 0 })],
  ] as const) {
    const decoded = await decodePhotograph(write(folder, 'picture.txt', await encoded.toBuffer()));
    expect(decoded).toMatchObject({ format, mediaType: `image/${format}`, width: 96, height: 80 });
    expect(decoded.image.data).toHaveLength(96 * 80 * 3);
  }
});

test('of 16 bits a channel the high byte is kept, and a note says so', async () => {
  const values = new Uint16Array([0, 255, 256, 257, 511, 512, 65535, 65280, 65279]);
  const encoded = sharp(values, { raw: { width: 3, height: 1, channels: 3 } })
    .toColourspace('rgb16')
    .png();
  const decoded = await decodePhotograph(write(temporaryFolder(), 'a.png', await encoded.toBuffer()));
  expect(bytesOf(decoded.image.data)).toEqual([...values].map((value) => value >> 8));
  expect(decoded.notes).toEqual(['16 bits a channel reduced to 8']);
});

test('greyscale, of 8 and of 16 bits, becomes three equal channels', async () => {
  const folder = temporaryFolder();
  const small = sharp(Buffer.from([1, 2, 200]), { raw: { width: 3, height: 1, channels: 1 } }).toColourspace(
    'b-w',
  );
  const decoded = await decodePhotograph(write(folder, 'a.png', await small.png().toBuffer()));
  expect(bytesOf(decoded.image.data)).toEqual([1, 1, 1, 2, 2, 2, 200, 200, 200]);
  expect(decoded.notes).toEqual(['greyscale spread over three channels']);

  const values = new Uint16Array([300, 40000]);
  const deep = sharp(values, { raw: { width: 2, height: 1, channels: 1 } }).toColourspace('grey16');
  const reduced = await decodePhotograph(write(folder, 'b.png', await deep.png().toBuffer()));
  expect(bytesOf(reduced.image.data)).toEqual([1, 1, 1, 156, 156, 156]);
  expect(reduced.notes).toEqual(['16 bits a channel reduced to 8', 'greyscale spread over three channels']);
});

test('an alpha channel is dropped, and the colours beneath it stay as stored', async () => {
  const encoded = sharp(Buffer.from([10, 200, 30, 0, 250, 3, 99, 128]), {
    raw: { width: 2, height: 1, channels: 4 },
  });
  const decoded = await decodePhotograph(write(temporaryFolder(), 'a.png', await encoded.png().toBuffer()));
  expect(bytesOf(decoded.image.data)).toEqual([10, 200, 30, 250, 3, 99]);
  expect(decoded.notes).toEqual(['alpha channel dropped']);
});

test('a colour-indexed PNG gives the colours that it indexes', async () => {
  const colours = [10, 200, 30, 250, 3, 99];
  const encoded = sharp(Buffer.from(colours), { raw: { width: 2, height: 1, channels: 3 } }).png({
    palette: true,
  });
  const decoded = await decodePhotograph(write(temporaryFolder(), 'a.png', await encoded.toBuffer()));
  expect(bytesOf(decoded.image.data)).toEqual(colours);
});

test('an embedded colour profile is not applied to RGB values', async () => {
  const stored = [120, 60, 30, 20, 200, 90];
  const source = sharp(Buffer.from(stored), { raw: { width: 2, height: 1, channels: 3 } });
  const file = write(temporaryFolder(), 'a.png', await source.withIccProfile('p3').png().toBuffer());
  const values = await sharp(file, { ignoreIcc: true }).raw().toBuffer();
  expect(bytesOf(values)).not.toEqual(stored); // The file's own numbers are those of the wide colour space.
  const decoded = await decodePhotograph(file);
  expect(bytesOf(decoded.image.data)).toEqual(bytesOf(values));
  expect(decoded.notes).toEqual(['embedded colour profile not applied: values as stored']);
});

test('a CMYK JPEG becomes sRGB, near the colours that it was made from, and a note says how', async () => {
  const folder = temporaryFolder();
  const flat = sharp({
    create: { width: 64, height: 64, channels: 3, background: { r: 180, g: 90, b: 60 } },
  });
  const plain = await flat.clone().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
  const profiled = await flat.clone().withIccProfile('cmyk').jpeg({ quality: 100 }).toBuffer();
  for (const [bytes, note] of [
    [plain, 'CMYK without a profile converted to sRGB through a standard one'],
    [profiled, 'CMYK converted to sRGB through its embedded profile'],
  ] as const) {
    const decoded = await decodePhotograph(write(folder, 'a.jpg', bytes));
    expect(decoded.notes).toEqual([note]);
    const [red = 0, green = 0, blue = 0] = decoded.image.data;
    expect(Math.abs(red - 180) + Math.abs(green - 90) + Math.abs(blue - 60)).toBeLessThan(40);
  }
});

test('of an animated GIF and WebP, and of a TIFF of several pages, the first is read and a note says so', async () => {
  const folder = temporaryFolder();
  const frames = [0, 1, 2].map((seed) => ({
    raw: { width: 64, height: 64, channels: 3 as const },
    data: Buffer.from(samplePixels(64, 64, seed)),
  }));
  const pages = await Promise.all(frames.map(({ data, raw }) => sharp(data, { raw }).png().toBuffer()));
  const joined = (): Sharp => sharp(pages, { join: { animated: true } });
  for (const [encoded, unit, tolerance] of [
    [joined().gif(), 'frames', 40],
    [joined().webp({ lossless: true }), 'frames', 0],
    [joined().tiff({ compression: 'lzw' }), 'pages', 0],
  ] as const) {
    const decoded = await decodePhotograph(write(folder, 'a', await encoded.toBuffer()));
    expect(decoded).toMatchObject({ width: 64, height: 64, pages: 3 });
    expect(decoded.notes).toContain(`first of 3 ${unit}`);
    const first = samplePixels(64, 64, 0);
    const worst = decoded.image.data.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - (first[at] ?? 0))),
      0,
    );
    expect(worst, decoded.format).toBeLessThanOrEqual(tolerance);
  }
});

test('the EXIF orientation is reported and not applied', async () => {
  const encoded = await samplePicture(96, 80).withMetadata({ orientation: 6 }).png().toBuffer();
  const decoded = await decodePhotograph(write(temporaryFolder(), 'a.png', encoded));
  expect(decoded).toMatchObject({ width: 96, height: 80, orientation: 6 });
  expect(decoded.notes).toContain('EXIF orientation 6 not applied');
  expect(Buffer.from(decoded.image.data).equals(samplePixels(96, 80))).toBe(true);
});

test('a picture of one pixel is decoded where no size is asked for', async () => {
  const encoded = await samplePicture(1, 1).png().toBuffer();
  const decoded = await decodePhotograph(write(temporaryFolder(), 'a.png', encoded));
  expect(bytesOf(decoded.image.data)).toEqual(bytesOf(samplePixels(1, 1)));
});

test('names with spaces, quotes, line breaks, brackets and letters of any script are only names', async () => {
  const folder = path.join(temporaryFolder(), `a folder's "name"\nüber 写真 фото`);
  mkdirSync(folder);
  const encoded = await samplePicture().png().toBuffer();
  for (const name of [
    `it's "one"\n写真 é.png`,
    'scan[2]',
    'scan.png[page=1]',
    '%20.png',
    '-option.png',
    'a\\b.png',
  ]) {
    const decoded = await decodePhotograph(write(folder, name, encoded));
    expect(decoded.width, name).toBe(96);
  }
});

test('decoding changes neither the bytes nor the times of a file, and sees that a file has changed since', async () => {
  const folder = temporaryFolder();
  const encoded = await samplePicture(96, 80, 1).png().toBuffer();
  const file = write(folder, 'a.png', encoded);
  utimesSync(file, 1000, 2000);
  const first = await decodePhotograph(file);
  expect(readFileSync(file).equals(encoded)).toBe(true);
  expect(statSync(file).mtimeMs).toBe(2_000_000);
  write(folder, 'a.png', await samplePicture(96, 80, 2).png().toBuffer());
  utimesSync(file, 1000, 2000);
  const second = await decodePhotograph(file);
  expect(Buffer.from(second.image.data).equals(first.image.data)).toBe(false);
  expect(Buffer.from(second.image.data).equals(samplePixels(96, 80, 2))).toBe(true);
});

test('probing gives the same facts as decoding', async () => {
  const file = write(temporaryFolder(), 'a.jpg', await samplePicture().jpeg().toBuffer());
  const { image, ...facts } = await decodePhotograph(file);
  expect(await probePhotograph(file)).toEqual(facts);
  expect(facts.bytes).toBe(statSync(file).size);
  expect(image.width * image.height * 3).toBe(image.data.length);
});
