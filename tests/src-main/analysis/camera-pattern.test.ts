/** The camera's pattern in pictures of rendered cameras, whose pattern is known: found, not found, and missing in a part. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { cameraPattern } from '#analysis/camera-pattern/method.ts';
import { NotRun, type Findings } from '#analysis/analysis.ts';
import type { AnalysisParameters } from '#contract/analysis.ts';
import type { RgbImage } from '#engine/ports.ts';
import { sharedData } from '#tests/support/shared-data.ts';
import {
  asJpeg,
  asPng,
  asSharp,
  cameraNamed,
  cropped,
  overlap,
  pasted,
  photographer,
  pixelsOf,
} from './scene-photographs.ts';
import { runAnalysis } from './run-analysis.ts';

const camera = cameraNamed('rendered-b');
const own = photographer(camera);
/** Another body of the same model: all is alike but the pattern. */
const sister = photographer({ ...camera, name: 'another body' });
const other = photographer(cameraNamed('rendered-d'));

const quality = 90;
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const references = Promise.all(range(0, 20).map((seed) => asJpeg(own(seed), quality)));

const analyse = async (
  bytes: Uint8Array,
  compared: readonly Uint8Array[],
  parameters: AnalysisParameters = {},
): Promise<Findings> => runAnalysis(cameraPattern, bytes, parameters, 'picture', compared);
const codes = ({ findings }: Findings): string[] => findings.map(({ code }) => code);
const energyOf = ({ findings }: Findings): number =>
  Number(
    findings.find(({ code }) => code.startsWith('fingerprint-') && code.endsWith('found'))!.data!['energy'],
  );
const saved = async (image: RgbImage): Promise<RgbImage> => pixelsOf(sharp(await asJpeg(image, quality)));

test('at quality 90, 20 of 20 pictures of the camera hold its fingerprint, and none of 40 of another body or another model', async () => {
  const compared = await references;
  const found: Findings[] = [];
  const foreign: Findings[] = [];
  for (const seed of range(100, 120)) {
    found.push(await analyse(await asJpeg(own(seed), quality), compared));
    for (const take of [sister, other])
      foreign.push(await analyse(await asJpeg(take(seed), quality), compared));
  }
  expect(found.filter((one) => codes(one).includes('fingerprint-found'))).toHaveLength(20);
  expect(foreign.filter((one) => codes(one).includes('fingerprint-found'))).toHaveLength(0);
  expect(Math.max(...foreign.map(energyOf))).toBeLessThan(20);
  expect(Math.min(...found.map(energyOf))).toBeGreaterThan(200);
});

test('a part from another body is where the fingerprint is missing in at least 10 of 12, and untouched pictures miss it in at most 1', async () => {
  const compared = await references;
  const box = { left: 176, top: 96, width: 160, height: 160 };
  let hits = 0;
  let falseAlarms = 0;
  for (const seed of range(100, 112)) {
    const part = await cropped(await saved(sister(seed + 50)), { ...box, left: 64, top: 64 });
    const forged = await analyse(
      await asJpeg(pasted(await saved(own(seed)), part, box.left, box.top), quality),
      compared,
    );
    const areas = forged.findings.flatMap(({ area }) => (area ? [area] : []));
    if (areas.some((area) => overlap(area, box))) hits++;
    const untouched = await analyse(await asJpeg(own(seed), quality), compared);
    if (codes(untouched).includes('fingerprint-missing')) falseAlarms++;
    expect(forged.maps!.map(({ name }) => name)).toEqual(['found', 'expected']);
  }
  expect(hits).toBeGreaterThanOrEqual(10);
  expect(falseAlarms).toBeLessThanOrEqual(1);
});

test('a part that was cut out is found at its place, and one of another body is found nowhere', async () => {
  const compared = await references;
  const box = { left: 101, top: 43, width: 256, height: 224 };
  for (const seed of range(100, 108)) {
    const found = await analyse(await asPng(await cropped(await saved(own(seed)), box)), compared);
    expect(found.findings.find(({ code }) => code === 'fingerprint-found')?.data).toMatchObject({
      ...{ x: 101, y: 43, places: 225 * 97 },
    });
    const foreign = await analyse(await asPng(await cropped(await saved(sister(seed)), box)), compared);
    expect(codes(foreign)).toContain('fingerprint-not-found');
  }
});

test('a picture that was scaled is not found, and one that is larger than the references is not run', async () => {
  const compared = await references;
  const scaled = (width: number): Promise<Buffer> => asSharp(own(100)).resize(width).png().toBuffer();
  expect(codes(await analyse(await scaled(400), compared))).toContain('fingerprint-not-found');
  await expect(analyse(await scaled(600), compared)).rejects.toThrow(NotRun);
});

test('pictures of many bodies share no pattern, and then nothing is told', async () => {
  const bodies = range(0, 10).map((body) => photographer({ ...camera, name: `body ${body}` })(body));
  const compared = await Promise.all(bodies.map((image) => asJpeg(image, quality)));
  expect(codes(await analyse(await asJpeg(own(100), quality), compared))).toEqual([
    ...['fingerprint-made', 'few-references', 'no-common-pattern'],
  ]);
});

test('a copy of the picture, another size and what is no picture are left out of the references', async () => {
  const copy = await asJpeg(own(100), 80);
  const size = await asJpeg(await cropped(own(101), { left: 0, top: 0, width: 400, height: 300 }), quality);
  const compared = [...(await references).slice(0, 8), copy, size, Buffer.from('Dear diary')];
  const { findings } = await analyse(await asJpeg(own(100), quality), compared);
  expect(findings.find(({ code }) => code === 'references-left-out')?.data).toEqual({
    ...{ alike: 1, otherSize: 1, unreadable: 1 },
  });
  expect(findings[0]!.data!['pictures']).toBe(8);
  await expect(analyse(await asJpeg(own(100), quality), compared.slice(5))).rejects.toThrow(NotRun);
});

test('a flat grey and a saturated picture hold no fingerprint, and are no fault', async () => {
  for (const value of [0, 128, 255]) {
    const flat = { width: 480, height: 320, data: new Uint8Array(480 * 320 * 3).fill(value) };
    expect(codes(await analyse(await asPng(flat), await references))).toContain('fingerprint-not-found');
  }
});

const shared = sharedData();
test.skipIf(!shared)(
  'no real photograph of 60 holds a rendered camera’s fingerprint, and 20 of unlike origin share none',
  async () => {
    const folder = path.join(shared!, 'real', 'bsds500_test');
    const photographs: Buffer[] = [];
    for (const name of readdirSync(folder).sort()) {
      const picture = sharp(path.join(folder, name));
      const { width } = await picture.metadata();
      if (width === 481)
        photographs.push(
          await picture.extract({ left: 0, top: 0, width: 480, height: 320 }).png().toBuffer(),
        );
    }
    const compared = await references;
    for (const bytes of photographs.slice(0, 60))
      expect(energyOf(await analyse(bytes, compared))).toBeLessThan(30);
    expect(photographs.length).toBeGreaterThan(60);
    expect(codes(await analyse(photographs[60]!, photographs.slice(0, 20)))).toContain('no-common-pattern');
  },
);
