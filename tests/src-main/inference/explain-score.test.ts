/** What a score came from, on a detector of plain sums and on a real exported one. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { RgbImage } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import { aggregateScore } from '#inference/aggregate-score.ts';
import { openDetector, type Detector } from '#inference/detector-session.ts';
import { explainScore, PATCHES } from '#inference/explain-score.ts';
import { judgePhotograph } from '#inference/judge-photograph.ts';
import { drawnState, exportedBytes } from '#tests/support/exported-detector.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { writeTinyDetector, type TinyDetectorOptions } from '#tests/support/tiny-detector.ts';

async function tiny(options: TinyDetectorOptions = {}): Promise<Detector> {
  const detector = await openDetector(
    await writeTinyDetector(path.join(temporaryFolder(), 'tiny.onnx'), options),
  );
  onTestFinished(() => detector.dispose());
  return detector;
}
async function explained(detector: Detector, image: RgbImage) {
  const judgement = await judgePhotograph(detector, image);
  return { judgement, parts: await explainScore(detector, image, judgement) };
}
/** Black, but for one red square at (x, y). */
function redSquare(width: number, height: number, { x, y, side }: { x: number; y: number; side: number }) {
  const data = new Uint8Array(width * height * 3);
  for (let row = y; row < y + side; row++)
    for (let column = x; column < x + side; column++) data[(row * width + column) * 3] = 255;
  return { width, height, data };
}
const noise = (width: number, height: number): RgbImage => {
  const random = new Random('noise');
  return {
    ...{ width, height },
    data: Uint8Array.from({ length: width * height * 3 }, () => random.integer(256)),
  };
};

test('the tile that holds what the detector looks for comes first, with where it lies and the score without it', async () => {
  const { judgement, parts } = await explained(
    await tiny(),
    redSquare(320, 200, { x: 200, y: 70, side: 32 }),
  );
  expect(parts.tiles).toHaveLength(6);
  expect(parts.tiles[0]).toMatchObject({ x: 192, y: 64 });
  expect(parts.tiles[0]!.logit).toBeCloseTo(10 / 4, 5);
  const others = judgement.tileLogits.filter((logit) => logit < 1);
  expect(parts.tiles[0]!.without).toBe(aggregateScore(others));
});

test('a part that is hidden behind its mean colour changes nothing that a mean colour decides', async () => {
  const { parts } = await explained(await tiny(), redSquare(128, 128, { x: 0, y: 0, side: 24 }));
  for (const change of parts.tiles[0]!.occlusion) expect(Math.abs(change)).toBeLessThan(0.01);
});

test('the only tile has no score without it, and a model without branches says that they are not available', async () => {
  const { parts } = await explained(await tiny(), redSquare(64, 64, { x: 0, y: 0, side: 8 }));
  expect(parts.tiles).toHaveLength(1);
  expect(parts.tiles[0]!.without).toBeNull();
  expect(parts.branches).toBeNull();
});

test('a file whose passport names branches that it has no output for is refused', async () => {
  const refused = tiny({ passport: { branches: ['spatial'] }, without: ['ablated'] });
  await expect(refused).rejects.toMatchObject({ code: 'model_invalid' });
});

test('an exported detector tells the score without each of its branches, and hidden parts change its logits', async () => {
  const file = path.join(temporaryFolder(), 'model.onnx');
  writeFileSync(file, await exportedBytes(drawnState({ frequencyBands: 'both', kernels: 2 })));
  const detector = await openDetector(file);
  onTestFinished(() => detector.dispose());
  const { judgement, parts } = await explained(detector, noise(200, 140));
  expect(parts.branches!.map(({ branch }) => branch)).toEqual(['spatial', 'global', 'local']);
  for (const { score } of parts.branches!) expect(score).not.toBe(judgement.score);
  const column = (at: number) => judgement.tileLogits.map((_, i) => judgement.ablated[i * 3 + at]!);
  expect(parts.branches![2]!.score).toBe(aggregateScore(column(2)));
  expect(parts.tiles[0]!.occlusion).toHaveLength(PATCHES ** 2);
  expect(new Set(parts.tiles[0]!.occlusion).size).toBeGreaterThan(PATCHES);
  expect(await explainScore(detector, noise(200, 140), judgement)).toEqual(parts);
});
