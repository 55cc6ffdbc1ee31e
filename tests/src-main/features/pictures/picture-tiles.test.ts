/** Tiles of originals: the pixels that detection reads, at every level, of a file that is still what its hash says. */
import { appendFileSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { tileLevels } from '#contract/media.ts';
import { decodePhotograph } from '#compute/decoding/decode-photograph.ts';
import { BoundedCache } from '#compute/bounded-cache.ts';
import { createViewer } from '#compute/viewing/viewer.ts';
import { PictureTiles, type LocateOriginal } from '#features/pictures/picture-tiles.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { samplePicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { setUpEvidence, sha256Of } from '../evidence/evidence-set-up.ts';

function tilesOf(locate: LocateOriginal, limit: () => number = () => 2 ** 28): PictureTiles {
  const viewer = createViewer();
  onTestFinished(() => viewer.close());
  return new PictureTiles(locate, viewer, limit);
}

async function setUp(width = 1200, height = 700) {
  const jpeg = await samplePicture(width, height, 4).jpeg({ quality: 80 }).toBuffer();
  const file = write(temporaryFolder(), 'a.jpg', jpeg);
  const hash = sha256Of(file);
  const tiles = tilesOf((wanted) => Promise.resolve(wanted === hash ? { path: file, name: 'a.jpg' } : null));
  return { file, hash, tiles };
}
const pixels = (png: Uint8Array | null) => sharp(png!).raw().toBuffer({ resolveWithObject: true });

test('the tiles of the finest level hold the very pixels that detection reads, up to the edges', async () => {
  const { file, hash, tiles } = await setUp();
  const { image } = await decodePhotograph(file);
  for (const [x, y, width, height] of [
    [0, 0, 512, 512],
    [2, 1, 176, 188],
  ] as const) {
    const { data, info } = await pixels(await tiles.tile(hash, { level: 0, x, y }));
    expect([info.width, info.height, info.channels]).toEqual([width, height, 3]);
    const whole = { raw: { width: image.width, height: image.height, channels: 3 as const } };
    const expected = await sharp(image.data, whole)
      .extract({ left: x * 512, top: y * 512, width, height })
      .raw()
      .toBuffer();
    expect(data.equals(expected)).toBe(true);
  }
});

test('a level of a JPEG looks like its picture, and the same whatever was looked at before', async () => {
  const { file, hash, tiles } = await setUp();
  const places = [0, 1, 2].map((level) => ({ level, x: 0, y: 0 }));
  const coarseFirst = [];
  for (const place of places.toReversed()) coarseFirst.unshift(await tiles.tile(hash, place));
  const others = tilesOf(() => Promise.resolve({ path: file, name: 'a.jpg' }));
  for (const place of places) expect(await others.tile(hash, place)).toEqual(coarseFirst[place.level]);
  for (const { level } of places.slice(1)) {
    const shown = await sharp(coarseFirst[level]!).raw().toBuffer({ resolveWithObject: true });
    const { image } = await decodePhotograph(file);
    const [width, height] = [Math.ceil(1200 / 2 ** level), Math.ceil(700 / 2 ** level)];
    const small = await sharp(image.data, { raw: { width: 1200, height: 700, channels: 3 } })
      .resize(width, height, { fit: 'fill' })
      .extract({ left: 0, top: 0, width: shown.info.width, height: shown.info.height })
      .raw()
      .toBuffer();
    const difference = small.reduce((sum, value, i) => sum + Math.abs(value - shown.data[i]!), 0);
    expect(difference / small.length).toBeLessThan(4);
  }
});

test('the coarsest level is one tile of the whole picture, and there is nothing beyond it', async () => {
  const { hash, tiles } = await setUp();
  const coarsest = tileLevels(1200, 700) - 1;
  const { info } = await pixels(await tiles.tile(hash, { level: coarsest, x: 0, y: 0 }));
  expect([coarsest, info.width, info.height]).toEqual([2, 300, 175]);
  expect(await tiles.tile(hash, { level: coarsest, x: 1, y: 0 })).toBeNull();
  expect(await tiles.tile(hash, { level: coarsest + 1, x: 0, y: 0 })).toBeNull();
  expect(await tiles.tile('0'.repeat(64), { level: 0, x: 0, y: 0 })).toBeNull();
});

test('a file that was changed since, or is gone, is not shown, and the error says so', async () => {
  const { file, hash, tiles } = await setUp();
  appendFileSync(file, 'x');
  const changed = await failureOf(tiles.tile(hash, { level: 0, x: 0, y: 0 }));
  expect(changed).toMatchObject({ code: 'evidence_changed' });
  expect(changed.message).toBe(
    `The original of a.jpg is changed: its bytes now have the SHA-256 ${sha256Of(file)}.`,
  );
  const gone = tilesOf(() => Promise.resolve({ path: `${file}.gone`, name: 'a.jpg' }));
  expect(await failureOf(gone.tile(hash, { level: 0, x: 0, y: 0 }))).toMatchObject({
    code: 'evidence_missing',
  });
});

test('evidence by copy and by reference is found by its hash, and other blobs are not', async () => {
  const { cases, takeIn, evidence, workspace } = await setUpEvidence();
  await cases.create({ name: 'Doe' });
  const folder = temporaryFolder();
  const copied = write(folder, 'a.png', await samplePicture(96, 80, 1).png().toBuffer());
  const referred = write(folder, 'b.png', await samplePicture(96, 80, 2).png().toBuffer());
  await takeIn([copied]);
  await takeIn([referred], 'reference');
  expect(await evidence.locateOriginal(sha256Of(copied))).toEqual({
    path: workspace.blobs.pathOf(sha256Of(copied)),
    name: 'a.png',
  });
  expect(await evidence.locateOriginal(sha256Of(referred))).toEqual({ path: referred, name: 'b.png' });
  const { hash } = await workspace.blobs.put(readFileSync(copied).subarray(1), 'image/png', 'derived');
  expect(await evidence.locateOriginal(hash)).toBeNull();
});

test('a bounded cache forgets what was used longest ago, and keeps one value that is too large alone', () => {
  const cache = new BoundedCache<string>(() => 10);
  cache.set('a', 'A', 4);
  cache.set('b', 'B', 4);
  cache.get('a');
  cache.set('c', 'C', 4);
  expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.bytes]).toEqual(['A', undefined, 'C', 8]);
  cache.set('d', 'D', 40);
  expect([cache.get('a'), cache.get('c'), cache.get('d'), cache.bytes]).toEqual([
    undefined,
    undefined,
    'D',
    40,
  ]);
});

test('what is held in memory keeps to the limit as it is now', async () => {
  const folder = temporaryFolder();
  const files = new Map<string, string>();
  for (let seed = 0; seed < 31; seed++) {
    const file = write(folder, `${seed}.jpg`, await samplePicture(300, 200, seed).jpeg().toBuffer());
    files.set(sha256Of(file), file);
  }
  let limit = 2 ** 30;
  const tiles = tilesOf(
    (hash) => Promise.resolve({ path: files.get(hash)!, name: 'a.jpg' }),
    () => limit,
  );
  const look = (hash: string) => tiles.tile(hash, { level: 0, x: 0, y: 0 });
  const [last, ...others] = [...files.keys()];
  for (const hash of others) await look(hash);
  expect(tiles.heldBytes).toBeGreaterThan(30 * 300 * 200 * 3);
  limit = 3 * 2 ** 20;
  await look(last!);
  expect(tiles.heldBytes).toBeLessThanOrEqual(limit);
  expect(tiles.heldBytes).toBeGreaterThan(2 ** 20);
});
