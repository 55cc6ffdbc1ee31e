/** How a JPEG file is coded, from its header alone. */
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { readJpegCoding } from '#compute/decoding/jpeg-coding.ts';
import { samplePicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

test.each([1, 30, 50, 75, 90, 95, 100])(
  'a file of quality %i says so, with its subsampling',
  async (quality) => {
    const folder = temporaryFolder();
    for (const chromaSubsampling of ['4:4:4', '4:2:0'] as const) {
      const bytes = await samplePicture().jpeg({ quality, chromaSubsampling }).toBuffer();
      expect(await readJpegCoding(write(folder, 'a.jpg', bytes))).toEqual({ quality, chromaSubsampling });
    }
  },
);

test('a progressive file with metadata before its tables is read all the same', async () => {
  const bytes = await samplePicture()
    .withExif({ IFD0: { ImageDescription: 'x'.repeat(3000) } })
    .jpeg({ quality: 82, progressive: true, chromaSubsampling: '4:4:4' })
    .toBuffer();
  const coding = await readJpegCoding(write(temporaryFolder(), 'a.jpg', bytes));
  expect(coding).toEqual({ quality: 82, chromaSubsampling: '4:4:4' });
});

test('tables that are not those of libjpeg count as the nearest quality', async () => {
  const options = { quality: 80, chromaSubsampling: '4:2:0', quantisationTable: 3 } as const;
  const bytes = await samplePicture().jpeg(options).toBuffer();
  const coding = await readJpegCoding(write(temporaryFolder(), 'a.jpg', bytes));
  expect(coding!.quality).toBeGreaterThan(60);
  expect(coding!.quality).toBeLessThan(95);
});

test('a greyscale file has no chroma to subsample', async () => {
  const { data, info } = await samplePicture().greyscale().raw().toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: 1 } as const;
  const bytes = await sharp(data, { raw }).toColourspace('b-w').jpeg({ quality: 77 }).toBuffer();
  const coding = await readJpegCoding(write(temporaryFolder(), 'a.jpg', bytes));
  expect(coding).toEqual({ quality: 77, chromaSubsampling: '4:4:4' });
});

test('a PNG, an empty file and the head of a JPEG have no coding', async () => {
  const folder = temporaryFolder();
  const png = write(folder, 'a.png', await samplePicture().png().toBuffer());
  const head = write(folder, 'b.jpg', (await samplePicture().jpeg().toBuffer()).subarray(0, 20));
  for (const path of [png, head, write(folder, 'c', '')]) expect(await readJpegCoding(path)).toBeNull();
});
