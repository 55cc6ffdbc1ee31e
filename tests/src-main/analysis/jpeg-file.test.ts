/** The reader of JPEG files: its coefficients are those that the decoder sees, and its facts those of the encoder. */
import sharp, { type JpegOptions } from 'sharp';
import { expect, test } from 'vitest';
import { eachBlock } from '#analysis/block-dct.ts';
import { jpegCoding } from '#analysis/jpeg-coding/method.ts';
import { readJpegCoefficients } from '#analysis/jpeg-file/coefficients.ts';
import { readJpegSegments } from '#analysis/jpeg-file/segments.ts';
import { samplePicture } from '#tests/support/sample-files.ts';
import { runAnalysis } from './run-analysis.ts';

const codings: [string, JpegOptions][] = [
  ['baseline', { quality: 80, optimiseCoding: false }],
  ['optimised', { quality: 92, chromaSubsampling: '4:4:4' }],
  ['progressive', { quality: 60, progressive: true }],
  ['mozjpeg', { quality: 75, mozjpeg: true }],
];

test.each(codings)('coefficients of a %s file are those of its decoded pixels', async (_, options) => {
  const { data, info } = await samplePicture(133, 91).greyscale().raw().toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: 1 } as const;
  const bytes = await sharp(data, { raw }).toColourspace('b-w').jpeg(options).toBuffer();
  const [grey] = readJpegCoefficients(bytes).components;
  expect(grey).toMatchObject({ width: 17, height: 12 });
  const pixels = Float32Array.from(
    await sharp(bytes).toColourspace('b-w').extractChannel(0).raw().toBuffer(),
  );
  let largest = 0;
  eachBlock(pixels, info, { x: 0, y: 0 }, (found, x, y) => {
    for (let i = 1; i < 64; i++) {
      const stored = grey!.data[(y * grey!.stride + x) * 64 + i]! * grey!.steps[i]!;
      largest = Math.max(largest, Math.abs(stored - found[i]!));
    }
  });
  // Rounding to whole grey levels moves a coefficient by at most four.
  expect(largest).toBeLessThan(4);
});

test('colour files of every sampling have the blocks that their size asks for', async () => {
  for (const chromaSubsampling of ['4:2:0', '4:4:4']) {
    const bytes = await samplePicture(100, 70).jpeg({ chromaSubsampling }).toBuffer();
    const [luma, chroma] = readJpegCoefficients(bytes).components;
    expect([luma!.width, luma!.height]).toEqual([13, 9]);
    expect([chroma!.width, chroma!.height]).toEqual(chromaSubsampling === '4:2:0' ? [7, 5] : [13, 9]);
  }
});

test('segments follow each other without gaps, from the first byte to the end of the image', async () => {
  const bytes = Buffer.concat([await samplePicture().jpeg().toBuffer(), Buffer.from('trailing')]);
  const { segments, end, problem } = readJpegSegments(bytes);
  let at = 0;
  for (const { offset, size } of segments) {
    expect(offset).toBe(at);
    at += size;
  }
  expect({ at, end, problem }).toEqual({ at: bytes.length - 8, end: bytes.length - 8, problem: null });
});

test.each(['image_truncated', 'image_damaged'] as const)(
  'a file that is cut or spoilt ends as %s',
  async (code) => {
    const bytes = await samplePicture(200, 200).jpeg().toBuffer();
    const spoilt = code === 'image_truncated' ? bytes.subarray(0, bytes.length / 2) : Buffer.from(bytes);
    if (code === 'image_damaged') spoilt[bytes.indexOf(Buffer.from([0xff, 0xdb])) + 4] = 0x0f;
    expect(() => readJpegCoefficients(Buffer.from(spoilt))).toThrow(expect.objectContaining({ code }));
  },
);

test('a frame that claims more than its data could hold is given no memory', async () => {
  const bytes = await samplePicture().jpeg().toBuffer();
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
  bytes.writeUInt16BE(12_000, frame + 5);
  bytes.writeUInt16BE(12_000, frame + 7);
  expect(() => readJpegCoefficients(bytes)).toThrow(expect.objectContaining({ code: 'image_truncated' }));
});

test.each([
  ['the standard', { quality: 83 }, 'family', 'the standard (libjpeg and most programs)'],
  ['mozjpeg', { quality: 83, mozjpeg: true }, 'family', 'mozjpeg table 3 (mozjpeg, sharp, Squoosh)'],
] as const)('tables of %s are told with their exact quality', async (_, options, key, value) => {
  const { findings } = await runAnalysis(jpegCoding, await samplePicture().jpeg(options).toBuffer());
  const luma = findings.find(({ code }) => code === 'quantisation-luma');
  expect(luma!.data).toMatchObject({ [key]: value, quality: 83, exact: true });
});

test('sampling, Huffman tables, frame and restart markers are told', async () => {
  const of = async (options: JpegOptions) => {
    const { findings } = await runAnalysis(jpegCoding, await samplePicture().jpeg(options).toBuffer());
    return Object.fromEntries(findings.map(({ code, data }) => [code, data]));
  };
  expect(await of({ chromaSubsampling: '4:2:0', optimiseCoding: false })).toMatchObject({
    ...{ subsampling: { sampling: '4:2:0' }, huffman: { standard: true } },
    ...{ frame: { kind: 'baseline', scans: 1, width: 96, height: 80 }, 'restart-markers': { interval: 0 } },
  });
  expect(await of({ chromaSubsampling: '4:4:4', progressive: true })).toMatchObject({
    ...{ subsampling: { sampling: '4:4:4' }, huffman: { standard: false }, frame: { kind: 'progressive' } },
  });
});
