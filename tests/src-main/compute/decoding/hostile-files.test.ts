/** Files that cannot be read as a photograph: each has its own error, and none makes the program wait. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { decodePhotograph, probePhotograph } from '#compute/decoding/decode-photograph.ts';
import { examinePhotograph, hammingDistance } from '#compute/decoding/examine-photograph.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { cutOff, samplePicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const encodings: [string, () => Sharp][] = [
  ['jpeg', () => samplePicture(300, 200).jpeg()],
  ['progressive jpeg', () => samplePicture(300, 200).jpeg({ progressive: true })],
  ['png', () => samplePicture(300, 200).png()],
  ['webp', () => samplePicture(300, 200).webp()],
  ['tiff', () => samplePicture(300, 200).tiff({ compression: 'lzw' })],
  ['tiled tiff', () => samplePicture(300, 200).tiff({ compression: 'none', tile: true, bigtiff: false })],
  ['gif', () => samplePicture(300, 200).gif()],
  ['avif', () => samplePicture(300, 200).avif({ effort: 0 })],
];

test.each(encodings)(
  'a %s cut off in the middle, near its end and at its very last byte is truncated',
  async (_, encode) => {
    const bytes = await encode().toBuffer();
    const folder = temporaryFolder();
    expect((await decodePhotograph(write(folder, 'whole', bytes))).width).toBe(300);
    for (const missing of [bytes.length >> 1, 200, 1]) {
      const file = cutOff(write(folder, `photo ${missing}`, bytes), missing);
      for (const read of [decodePhotograph, examinePhotograph]) {
        const failure = await failureOf(read(file));
        expect(failure.code, `${missing} bytes missing: ${failure.message}`).toBe('image_truncated');
        expect(failure.message).toContain(file);
      }
    }
  },
);

test('bytes after the end of a picture do not make it truncated', async () => {
  const folder = temporaryFolder();
  const trailer = Buffer.from('appended by some editor');
  for (const [name, encode] of encodings.slice(0, 3)) {
    const file = write(folder, name, Buffer.concat([await encode().toBuffer(), trailer]));
    expect((await decodePhotograph(file)).width, name).toBe(300);
  }
});

test('a JPEG that holds a thumbnail with its own end marker is still seen to be truncated', async () => {
  const thumbnail = await samplePicture(64, 64).jpeg().toBuffer();
  const whole = await samplePicture(300, 200).jpeg().toBuffer();
  const segment = Buffer.alloc(4);
  segment.writeUInt16BE(0xffe2, 0);
  segment.writeUInt16BE(thumbnail.length + 2, 2);
  const nested = Buffer.concat([whole.subarray(0, 2), segment, thumbnail, whole.subarray(2)]);
  const folder = temporaryFolder();
  expect((await decodePhotograph(write(folder, 'whole', nested))).width).toBe(300);
  const failure = await failureOf(
    decodePhotograph(write(folder, 'cut', nested.subarray(0, nested.length - 2))),
  );
  expect(failure.code).toBe('image_truncated');
});

test('a PNG and an AVIF whose data is overwritten in the middle are damaged, not truncated', async () => {
  const folder = temporaryFolder();
  for (const [name, encode] of encodings.filter(([format]) => format === 'png' || format === 'avif')) {
    const bytes = await encode().toBuffer();
    bytes.fill(0, bytes.length >> 1, (bytes.length >> 1) + 300);
    const failure = await failureOf(decodePhotograph(write(folder, name, bytes)));
    expect(failure.code, failure.message).toBe('image_damaged');
  }
});

test('a file that holds nothing is empty', async () => {
  expect((await failureOf(probePhotograph(write(temporaryFolder(), 'a.jpg', '')))).code).toBe('file_empty');
});

test.each([
  ['words in a file named .jpg', Buffer.from('These are only words, écrits à la main.\n'), 'text'],
  ['an SVG drawing', Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'), 'SVG'],
  ['a PDF document', Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3', 'latin1'), 'PDF'],
  ['a ZIP archive', Buffer.from('PK\x03\x04\x14\x00'), 'ZIP'],
  ['a HEIC picture', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), 'HEIC'],
  ['a video', Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isomiso2', 'latin1'), 'video'],
  ['a bitmap', Buffer.from('BM\x36\0\0\0', 'latin1'), 'BMP'],
  ['random bytes', Buffer.from([0, 7, 200, 3, 1, 0, 9]), 'unknown'],
  ['a single byte', Buffer.from([0xff]), 'unknown'],
])('%s is not an image, and the error says what it is', async (_, bytes, word) => {
  const failure = await failureOf(decodePhotograph(write(temporaryFolder(), 'photo.jpg', bytes)));
  expect(failure.code).toBe('not_an_image');
  expect(failure.message).toContain(word);
});

test.each([
  ['JPEG', [0xff, 0xd8, 0xff]],
  ['PNG', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['GIF', [...Buffer.from('GIF89a')]],
  ['TIFF', [...Buffer.from('II*\0', 'latin1')]],
  ['WebP', [...Buffer.from('RIFF\xff\0\0\0WEBP', 'latin1')]],
  ['AVIF', [...Buffer.from('\0\0\x01\0ftypavif', 'latin1')]],
])('a file of nothing but the first bytes of a %s is truncated', async (_, head) => {
  const failure = await failureOf(decodePhotograph(write(temporaryFolder(), 'photo', Buffer.from(head))));
  expect(failure.code).toBe('image_truncated');
});

test('a missing file, a folder, a pipe, a socket and a device are told apart, and none is waited for', async () => {
  const folder = temporaryFolder();
  expect((await failureOf(decodePhotograph(path.join(folder, 'gone.jpg')))).code).toBe('file_not_found');
  const inside = path.join(write(folder, 'plain', 'x'), 'a.jpg');
  expect((await failureOf(decodePhotograph(inside))).code).toBe('file_not_found');

  mkdirSync(path.join(folder, 'folder.jpg'));
  const others: [string, string][] = [['folder.jpg', 'a folder']];
  if (process.platform !== 'win32') {
    spawnSync('mkfifo', [path.join(folder, 'pipe.jpg')]);
    const server = createServer().listen(path.join(folder, 'socket.jpg'));
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    others.push(['pipe.jpg', 'a pipe'], ['socket.jpg', 'a socket']);
  }
  for (const [name, words] of others) {
    const failure = await failureOf(decodePhotograph(path.join(folder, name)));
    expect(failure.code, name).toBe('file_unreadable');
    expect(failure.message).toContain(words);
  }
});

const root = process.getuid?.() === 0;
test.skipIf(process.platform === 'win32')('a file that may not be read is unreadable', async () => {
  const folder = temporaryFolder();
  const file = write(folder, 'a.png', await samplePicture().png().toBuffer());
  chmodSync(folder, 0o755);
  chmodSync(file, 0o000);
  if (root) process.seteuid?.(65534);
  const failure = await failureOf(decodePhotograph(file)).finally(() => {
    if (root) process.seteuid?.(0);
  });
  expect(failure.code).toBe('file_unreadable');
});

test('limits are kept before anything is decoded', async () => {
  const file = write(temporaryFolder(), 'a.png', await samplePicture(63, 90).png().toBuffer());
  const small = await failureOf(probePhotograph(file, { minimumSide: 64 }));
  expect(small).toMatchObject({
    code: 'image_too_small',
    message: `${file} has 63 by 90 pixels; at least 64 by 64 are needed.`,
  });
  expect((await failureOf(decodePhotograph(file, { maximumPixels: 63 * 90 - 1 }))).code).toBe(
    'image_too_large',
  );
  expect((await probePhotograph(file, { maximumPixels: 63 * 90, minimumSide: 63 })).width).toBe(63);
});

test('a PNG that claims more pixels than it could hold is refused from its head', async () => {
  const bytes = await samplePicture(64, 64).png().toBuffer();
  bytes.writeUInt32BE(60_000, 16);
  bytes.writeUInt32BE(60_000, 20);
  const failure = await failureOf(decodePhotograph(write(temporaryFolder(), 'bomb.png', bytes)));
  expect(['image_too_large', 'image_damaged']).toContain(failure.code);
});

test('a photograph of 200 megapixels is examined whole, without holding its pixels', async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'large.jpg');
  const background = { r: 9, g: 99, b: 200 };
  await sharp({ create: { width: 20_000, height: 10_000, channels: 3, background } })
    .jpeg()
    .toFile(file);
  expect(await probePhotograph(file)).toMatchObject({ width: 20_000, height: 10_000 });
  const before = process.resourceUsage().maxRSS;
  const examined = await examinePhotograph(file);
  const grownMegabytes = (process.resourceUsage().maxRSS - before) / 1024;
  expect(examined).toMatchObject({ width: 20_000, height: 10_000 });
  expect(await sharp(examined.thumbnail).metadata()).toMatchObject({
    format: 'webp',
    width: 256,
    height: 128,
  });
  expect(grownMegabytes).toBeLessThan(300);
  expect((await failureOf(examinePhotograph(cutOff(file)))).code).toBe('image_truncated');
});

test('errors use the name that a person knows, on one line', async () => {
  const file = write(temporaryFolder(), 'stored', 'words');
  const failure = await failureOf(probePhotograph(file, { name: '/evidence/a\nb.jpg' }));
  expect(failure.message).toContain('"/evidence/a\\nb.jpg" is not a picture');
  expect(failure.message).not.toContain('stored');
});

test('the perceptual hash is near for the same picture re-saved and smaller, and far for another', async () => {
  const folder = temporaryFolder();
  const examine = async (name: string, picture: Sharp): Promise<string> =>
    (await examinePhotograph(write(folder, name, await picture.toBuffer()))).perceptualHash;
  const original = await examine('a', samplePicture(300, 200, 0).png());
  const resaved = await examine('b', samplePicture(300, 200, 0).jpeg({ quality: 60 }));
  const smaller = await examine('c', samplePicture(300, 200, 0).resize(150, 100).jpeg());
  const another = await examine('d', samplePicture(300, 200, 1).png());
  expect(original).toMatch(/^[0-9a-f]{16}$/);
  expect(hammingDistance(original, resaved)).toBeLessThanOrEqual(3);
  expect(hammingDistance(original, smaller)).toBeLessThanOrEqual(3);
  expect(hammingDistance(original, another)).toBeGreaterThan(10);
});

test('the Hamming distance counts the bits in which two hashes differ', () => {
  expect(hammingDistance('0000000000000000', 'ffffffffffffffff')).toBe(64);
  expect(hammingDistance('8000000000000001', '0000000000000000')).toBe(2);
  expect(hammingDistance('0123456789abcdef', '0123456789abcdef')).toBe(0);
});

test('the thumbnail of a small picture is not enlarged', async () => {
  const file = write(temporaryFolder(), 'a.png', await samplePicture(70, 65).png().toBuffer());
  const before = readFileSync(file);
  const { thumbnail } = await examinePhotograph(file);
  expect(await sharp(thumbnail).metadata()).toMatchObject({ width: 70, height: 65 });
  expect(readFileSync(file).equals(before)).toBe(true);
});
