/**
 * What tells files apart does not tell the classes apart: a linear probe on file-level facts finds nothing in the crops that
 * reach the detector, while it finds plenty where the known fakes' codings are left as they are.
 */
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { jpegCodec } from '#compute/trainer/jpeg-codec.ts';
import type { JpegCoding, RgbImage } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import { renderScenes } from '#features/samples/scene-renderer.ts';
import { asTheyAre, classCrops, type ClassSources } from '#tests/support/class-crops.ts';
import { fileFacts, markedSource, markingCodec, type CodedFile } from '#tests/support/coding-marks.ts';
import { fileTraces } from '#tests/support/file-traces.ts';
import { probeAuc } from '#engine/evaluation/linear-probe.ts';

const NOTHING = 0.05;

/** JPEGs of many qualities, some PNG, sizes from small to large. */
function mixedFiles(count: number, seed: string, lossless: number, qualities: [number, number]): CodedFile[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => ({
    width: 64 + random.integer(100),
    height: 64 + random.integer(60),
    coding:
      random.uniform() < lossless
        ? null
        : {
            quality: qualities[0] + random.integer(qualities[1] - qualities[0]),
            chromaSubsampling: random.uniform() < 0.7 ? '4:2:0' : '4:4:4',
          },
  }));
}

test.each([
  ['generated pictures that are all PNG', mixedFiles(40, 'fakes', 1, [1, 2])],
  ['fakes that are coarser JPEGs', mixedFiles(40, 'fakes', 0.1, [60, 80])],
  ['fakes that are finer JPEGs', mixedFiles(40, 'fakes', 0.3, [95, 100])],
])(
  'file-level facts of 2000 crops a class tell nothing, with %s',
  async (_, fakeFiles) => {
    const sources = {
      real: markedSource(mixedFiles(80, 'real', 0.1, [70, 97])),
      fakes: markedSource(fakeFiles),
    };
    const probe = async (from: ClassSources, perClass: number) => {
      const crops = await classCrops(from, { perClass, codec: markingCodec, knownFakeShare: 0.8 });
      return probeAuc(crops.pictures.map(fileFacts), crops.labels, crops.pairs);
    };
    expect(Math.abs((await probe(sources, 2000)) - 0.5)).toBeLessThan(NOTHING);
    expect(await probe(asTheyAre(sources), 500)).toBeGreaterThan(0.5 + NOTHING);
  },
  120_000,
);

/** The same scenes twice, halved so that no old block grid is left: as JPEGs of many qualities, and as PNG. */
async function twinScenes(count: number): Promise<ClassSources> {
  const random = new Random('codings');
  const twins: { jpeg: RgbImage; png: RgbImage; coding: JpegCoding }[] = [];
  for await (const { bytes } of renderScenes({ count, seed: 9, width: 224, height: 192 })) {
    const { data, info } = await sharp(bytes).resize(112, 96).raw().toBuffer({ resolveWithObject: true });
    const png = { width: info.width, height: info.height, data: new Uint8Array(data) };
    const coding: JpegCoding = {
      quality: 60 + random.integer(36),
      chromaSubsampling: random.uniform() < 0.5 ? '4:2:0' : '4:4:4',
    };
    twins.push({ jpeg: await jpegCodec.roundTrip(png, coding), png, coding });
  }
  const read = (which: 'jpeg' | 'png') => (index: number) => Promise.resolve(twins[index]![which]);
  return {
    real: { count, read: read('jpeg'), coding: (index) => Promise.resolve(twins[index]!.coding) },
    fakes: { count, read: read('png'), coding: () => Promise.resolve(null) },
  };
}

test('nor do the pixels tell a PNG of a known fake from a JPEG photograph', async () => {
  const scenes = await twinScenes(40);
  const probe = async (from: ClassSources, perClass: number) => {
    const crops = await classCrops(from, { perClass, codec: jpegCodec, knownFakeShare: 1 });
    const traces = crops.pictures.map((picture) => Object.values(fileTraces(picture)));
    return probeAuc(traces, crops.labels, crops.pairs);
  };
  expect(Math.abs((await probe(scenes, 400)) - 0.5)).toBeLessThan(NOTHING);
  expect(await probe(asTheyAre(scenes), 200)).toBeGreaterThan(0.7);
}, 120_000);

test('the probe sees a difference where there is one, and none in noise', () => {
  const random = new Random('probe');
  const labels = Array.from({ length: 2000 }, (_, i) => i % 2);
  const noise = labels.map(() => [random.normal(), random.normal(), 1]);
  expect(Math.abs(probeAuc(noise, labels) - 0.5)).toBeLessThan(NOTHING);
  const shifted = labels.map((label) => [random.normal() + label, random.normal(), 1]);
  expect(probeAuc(shifted, labels)).toBeCloseTo(0.76, 1); // the AUC of two normals one deviation apart
});
