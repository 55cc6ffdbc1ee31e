/**
 * Every parser of this program on 5,400 files made from valid ones: bytes changed, cut, doubled, lengths made absurd. None may
 * crash, take longer than 5 seconds, or hold more than its file explains; what it cannot read it must say.
 */
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { readContainer } from '#analysis/containers/read-container.ts';
import { mostNodes, type ContainerNode } from '#analysis/containers/container-node.ts';
import { exifThumbnail } from '#analysis/file-structure/thumbnail.ts';
import { readJpegCoefficients } from '#analysis/jpeg-file/coefficients.ts';
import { generatorTraces } from '#analysis/metadata/generator-traces.ts';
import { AppError } from '#contract/errors.ts';
import { Random } from '#engine/random.ts';
import { samplePicture } from '#tests/support/sample-files.ts';
import { withThumbnail } from './with-thumbnail.ts';

const each = 900;

async function validFiles(): Promise<[format: string, bytes: Buffer][]> {
  const picture = samplePicture(64, 48).withExif({ IFD0: { Make: 'Acme', Software: 'One' } });
  const jpeg = await picture.clone().jpeg({ optimiseCoding: false }).toBuffer();
  return [
    ['jpeg', withThumbnail(jpeg, await samplePicture(16, 12).jpeg().toBuffer())],
    ['jpeg', await picture.clone().jpeg({ progressive: true }).toBuffer()],
    ['png', await picture.clone().png().toBuffer()],
    ['tiff', await picture.clone().tiff({ compression: 'lzw' }).toBuffer()],
    ['webp', await picture.clone().webp().toBuffer()],
    ['avif', await picture.clone().avif({ effort: 0 }).toBuffer()],
  ];
}

function spoil(bytes: Buffer, random: Random): Buffer {
  const spoilt = Buffer.from(bytes);
  // Structure lies at the beginning, most of the time.
  const place = (): number =>
    random.integer(random.integer(3) === 0 ? spoilt.length : Math.min(spoilt.length, 700));
  for (let i = random.integer(6); i >= 0; i--) {
    const kind = random.integer(5);
    const at = place();
    const end = Math.min(spoilt.length, at + 1 + random.integer(8));
    if (kind === 0) spoilt[at] = random.integer(256);
    else if (kind === 1) spoilt.fill(0xff, at, end);
    else if (kind === 2) spoilt.fill(0, at, end);
    else if (kind === 3)
      spoilt.copy(spoilt, place(), at, Math.min(spoilt.length, at + 1 + random.integer(64)));
    else if (at + 4 <= spoilt.length) spoilt.writeInt32BE([-1, 0x7fffffff, 1, 0][random.integer(4)]!, at);
  }
  const cut = random.integer(4);
  if (cut === 0) return spoilt.subarray(0, random.integer(spoilt.length));
  return cut === 1 ? Buffer.concat([spoilt, spoilt.subarray(random.integer(spoilt.length))]) : spoilt;
}

const countNodes = (nodes: readonly ContainerNode[]): number =>
  nodes.reduce((sum, { children = [] }) => sum + 1 + countNodes(children), 0);

/** Throws what a parser may not: anything but an AppError that says what is wrong with the file. */
function parse(format: string, bytes: Buffer): void {
  const container = readContainer(format, bytes);
  expect(countNodes(container!.nodes)).toBeLessThanOrEqual(mostNodes);
  expect(container!.problem === null || container!.problem.length > 10).toBe(true);
  generatorTraces({}, { bytes, format } as Parameters<typeof generatorTraces>[1]);
  if (format !== 'jpeg') return;
  exifThumbnail(bytes);
  try {
    const { components } = readJpegCoefficients(bytes);
    const held = components.reduce((sum, { data }) => sum + data.byteLength, 0);
    expect(held).toBeLessThanOrEqual(16 * 1024 * bytes.length);
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'internal') throw error;
  }
}

test('5,400 spoilt files crash no parser, hang none, and none holds more than its file explains', async () => {
  let slowest = 0;
  let count = 0;
  for (const [index, [format, bytes]] of (await validFiles()).entries()) {
    parse(format, bytes);
    const random = new Random(`hostile ${index}`);
    for (let i = 0; i < each; i++, count++) {
      const begun = performance.now();
      parse(format, spoil(bytes, random));
      slowest = Math.max(slowest, performance.now() - begun);
    }
  }
  expect(count).toBe(5400);
  expect(slowest).toBeLessThan(5000);
}, 120_000);

test('a directory that points to itself, and boxes in boxes without end, come to an end', async () => {
  const tiff = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .tiff()
    .toBuffer();
  const first = tiff.readUInt32LE(4);
  tiff.writeUInt32LE(first, first + 2 + 12 * tiff.readUInt16LE(first));
  expect(readContainer('tiff', tiff)!.problem).toContain('points back');
  const nested = Buffer.alloc(80_000);
  for (let at = 0; at + 8 <= nested.length; at += 8) {
    nested.writeUInt32BE(nested.length - at, at);
    nested.write('moov', at + 4, 'latin1');
  }
  expect(countNodes(readContainer('heif', nested)!.nodes)).toBeLessThanOrEqual(mostNodes);
});
