/** The structure of files and their metadata: what is there, what is absent, what cannot be read, and what contradicts itself. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { Findings } from '#analysis/analysis.ts';
import type { ContainerNode } from '#analysis/containers/container-node.ts';
import { fileStructure } from '#analysis/file-structure/method.ts';
import { metadata } from '#analysis/metadata/method.ts';
import { patchPicture, samplePicture } from '#tests/support/sample-files.ts';
import { sharedData } from '#tests/support/shared-data.ts';
import { withThumbnail } from './with-thumbnail.ts';
import { runAnalysis } from './run-analysis.ts';

const codes = ({ findings }: Findings): string[] => findings.map(({ code }) => code);
const tree = ({ details }: Findings): ContainerNode[] => details!['tree'] as unknown as ContainerNode[];

test.each(['jpeg', 'png', 'tiff', 'webp', 'avif'] as const)(
  'the parts of a %s file are listed, and nothing lies behind it',
  async (format) => {
    const found = await runAnalysis(fileStructure, await samplePicture().toFormat(format).toBuffer());
    expect(tree(found).length).toBeGreaterThan(1);
    expect(codes(found)).not.toContain('trailing-data');
    expect(codes(found)).not.toContain('structure-unreadable');
  },
);

test.each(['jpeg', 'png', 'webp'] as const)(
  'bytes behind a %s picture are told and taken out',
  async (format) => {
    const picture = await samplePicture().toFormat(format).toBuffer();
    const found = await runAnalysis(
      fileStructure,
      Buffer.concat([picture, Buffer.from('PK\x03\x04 hidden')]),
    );
    const trailing = found.findings.find(({ code }) => code === 'trailing-data');
    expect(trailing).toMatchObject({ severity: 'notice', data: { offset: picture.length, bytes: 11 } });
    expect(trailing!.sentence).toContain('ZIP');
    expect(Buffer.from(found.files![0]!.bytes).toString('latin1')).toBe('PK\x03\x04 hidden');
  },
);

test('a chunk whose content was changed has a checksum that contradicts it', async () => {
  const bytes = await samplePicture()
    .withExif({ IFD0: { Make: 'Acme' } })
    .png()
    .toBuffer();
  bytes[bytes.indexOf('Acme')] = 0x42;
  const found = await runAnalysis(fileStructure, bytes);
  expect(found.findings).toContainEqual(
    expect.objectContaining({ code: 'checksum-wrong', severity: 'contradiction' }),
  );
});

test('a file that is cut off is unreadable from there on, and what was read is listed', async () => {
  const bytes = await samplePicture().png().toBuffer();
  const found = await runAnalysis(fileStructure, bytes.subarray(0, bytes.length - 20));
  expect(codes(found)).toContain('structure-unreadable');
  expect(tree(found).map(({ name }) => name)).toContain('IHDR');
});

test('a thumbnail of the picture agrees, also with black bars or turned; one of another picture does not', async () => {
  const picture = await patchPicture(1, 320, 240).jpeg({ quality: 90 }).toBuffer();
  const small = sharp(picture).resize(160, 120);
  const barred = sharp(picture)
    .resize(160, 100, { fit: 'fill' })
    .extend({ top: 10, bottom: 10, background: 'black' });
  const thumbnails: [string, Buffer][] = [
    ['thumbnail-agrees', await small.clone().jpeg().toBuffer()],
    ['thumbnail-agrees', await barred.jpeg().toBuffer()],
    [
      'thumbnail-agrees',
      await sharp(await small.clone().png().toBuffer())
        .rotate(90)
        .jpeg()
        .toBuffer(),
    ],
    ['thumbnail-differs', await patchPicture(2, 160, 120).jpeg().toBuffer()],
    ['thumbnail-unreadable', Buffer.from('no picture at all')],
  ];
  for (const [expected, thumbnail] of thumbnails)
    expect(codes(await runAnalysis(fileStructure, withThumbnail(picture, thumbnail)))).toContain(expected);
  expect(codes(await runAnalysis(fileStructure, picture))).toContain('no-thumbnail');
});

test('groups of metadata are present, absent or unreadable, and never one for another', async () => {
  const bare = await runAnalysis(metadata, await samplePicture().jpeg().toBuffer());
  expect(codes(bare)).toEqual(expect.arrayContaining(['no-exif', 'no-xmp', 'no-iptc', 'no-icc']));
  const made = await samplePicture()
    .withExif({ IFD0: { Make: 'Acme', Model: 'One', Software: 'GIMP 3.0' } })
    .withIccProfile('srgb')
    .jpeg()
    .toBuffer();
  const found = await runAnalysis(metadata, made);
  expect(codes(found)).toEqual(expect.arrayContaining(['has-exif', 'has-icc', 'no-xmp']));
  expect(found.findings).toContainEqual(
    expect.objectContaining({
      code: 'software-named',
      severity: 'notice',
      data: { where: 'EXIF Software', value: 'GIMP 3.0' },
    }),
  );
  const spoilt = Buffer.from(made);
  const at = spoilt.indexOf('Exif\0\0') + 6;
  spoilt.fill(0xff, at, at + 12);
  const unreadable = await runAnalysis(metadata, spoilt);
  expect(codes(unreadable)).toContain('unreadable-exif');
  expect(codes(unreadable)).not.toContain('no-exif');
});

test('dates in the wrong order, sizes that are not those of the picture, and a camera that wrote no such file, are told', async () => {
  const exif = {
    IFD0: { Make: 'Acme', Model: 'One', DateTime: '2020:01:01 10:00:00' },
    IFD2: { DateTimeOriginal: '2024:05:01 12:00:00' },
  };
  const bytes = await samplePicture().withExif(exif).jpeg({ mozjpeg: true }).toBuffer();
  // The entry of PixelXDimension, which the encoder sets to the true width.
  bytes.writeUInt16LE(4000, bytes.indexOf(Buffer.from([0x02, 0xa0])) + 8);
  const found = await runAnalysis(metadata, bytes);
  expect(codes(found)).toEqual(
    expect.arrayContaining(['dates-disagree', 'dimensions-disagree', 'coding-unlike-camera']),
  );
  const whole = {
    ...exif,
    IFD2: { DateTimeOriginal: '2020:01:01 09:59:00' },
  };
  const sound = await runAnalysis(metadata, await samplePicture().withExif(whole).jpeg().toBuffer());
  expect(sound.findings.filter(({ severity }) => severity === 'contradiction')).toEqual([]);
});

test('a prompt in a text chunk is told with its text', async () => {
  const png = await samplePicture().png().toBuffer();
  const text = Buffer.from('tEXtparameters\0a red house\nSteps: 20, Sampler: Euler a, CFG scale: 7');
  const chunk = Buffer.alloc(text.length + 8);
  chunk.writeUInt32BE(text.length - 4);
  text.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(text), text.length + 4);
  const found = await runAnalysis(metadata, Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]));
  expect(found.findings).toContainEqual(
    expect.objectContaining({
      code: 'generator-prompt',
      data: { field: 'parameters', text: expect.stringContaining('a red house') },
    }),
  );
});

const located = (latitude: string, north: string, longitude: string, east: string): Promise<Buffer> =>
  samplePicture()
    .withExif({
      IFD3: { GPSLatitude: latitude, GPSLatitudeRef: north, GPSLongitude: longitude, GPSLongitudeRef: east },
    })
    .jpeg()
    .toBuffer();

test('a position is drawn where it lies on the map, south and west too, and one that is none is not drawn', async () => {
  for (const [latitude, north, longitude, east, x, y] of [
    ['48/1 30/1 0/1', 'N', '9/1 0/1 0/1', 'E', 360 + 18, 180 - 97],
    ['33/1 0/1 0/1', 'S', '70/1 30/1 0/1', 'W', 360 - 141, 180 + 66],
  ] as const) {
    const found = await runAnalysis(metadata, await located(latitude, north, longitude, east));
    expect(codes(found)).toContain('gps');
    const { width, data } = found.maps![0]!;
    expect(data[y * width + x]).toBe(1);
    expect(data.filter((value) => value === 1)).toHaveLength(25);
  }
  const none = await runAnalysis(metadata, await located('95/1 0/1 0/1', 'N', '9/1 0/1 0/1', 'E'));
  expect(codes(none)).toContain('gps-unreadable');
  expect(none.maps).toEqual([]);
  expect((await runAnalysis(metadata, await samplePicture().jpeg().toBuffer())).maps).toEqual([]);
});

test('coasts are drawn where they are, and no open sea nor the middle of a continent has any', async () => {
  const found = await runAnalysis(metadata, await located('48/1 30/1 0/1', 'N', '9/1 0/1 0/1', 'E'));
  const { width, data } = found.maps![0]!;
  const coastsAround = (latitude: number, longitude: number, degrees: number): number => {
    let count = 0;
    for (let dy = -2 * degrees; dy <= 2 * degrees; dy++)
      for (let dx = -2 * degrees; dx <= 2 * degrees; dx++)
        if (data[(180 - 2 * latitude + dy) * width + 360 + 2 * longitude + dx] === Math.fround(0.6)) count++;
    return count;
  };
  // Cape Agulhas, Cape Horn, Land's End, the Gulf of Finland, Cape York.
  for (const [latitude, longitude] of [
    [-35, 20],
    [-56, -67],
    [50, -5.5],
    [60, 28],
    [-11, 142.5],
  ] as const)
    expect(coastsAround(latitude, longitude, 1), `${latitude}, ${longitude}`).toBeGreaterThan(0);
  for (const [latitude, longitude] of [
    [25, -45],
    [-20, 80],
    [10, -140],
    [45, 85],
    [-10, -55],
  ] as const)
    expect(coastsAround(latitude, longitude, 8), `${latitude}, ${longitude}`).toBe(0);
});

const shared = sharedData();
test.skipIf(shared === null)(
  'thumbnails of camera photographs agree with their pictures, and no dates contradict each other',
  async () => {
    const folder = path.join(shared!, 'real', 'cameras_exif');
    for (const name of readdirSync(folder)) {
      const bytes = readFileSync(path.join(folder, name));
      expect(codes(await runAnalysis(fileStructure, bytes)), name).not.toContain('thumbnail-differs');
      expect(codes(await runAnalysis(metadata, bytes)), name).not.toContain('dates-disagree');
    }
  },
);
