/** Decoding to show in a process of its own: a picture may end that process, and nothing else. */
import path from 'node:path';
import sharp from 'sharp';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { forkChild, type ChildProcess } from '#compute/child-process.ts';
import type { JudgeLimits } from '#compute/judging/judge-limits.ts';
import { createViewer, type Viewer } from '#compute/viewing/viewer.ts';
import { PictureTiles } from '#features/pictures/picture-tiles.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { samplePicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { sha256Of } from '../../features/evidence/evidence-set-up.ts';

/** Ends itself at a picture whose name has `crash` in it, and never answers for one with `hang`. */
const crashing = path.resolve(import.meta.dirname, '../../../support/crashing-viewer.ts');
const first = { level: 0, x: 0, y: 0 };

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

function open(options: { limits?: Partial<JudgeLimits>; entry?: string } = {}) {
  const processes: ChildProcess[] = [];
  const spawn = (entry: string): ChildProcess => {
    const started = forkChild(entry);
    processes.push(started);
    return started;
  };
  const viewer: Viewer = createViewer({ ...options, spawn });
  onTestFinished(() => viewer.close());
  const files = new Map<string, string>();
  const tiles = new PictureTiles(
    (hash) => Promise.resolve({ path: files.get(hash)!, name: path.basename(files.get(hash)!) }),
    viewer,
    () => 2 ** 28,
  );
  const known = (file: string): string => {
    files.set(sha256Of(file), file);
    return sha256Of(file);
  };
  const picture = async (name: string, seed = 0, width = 900): Promise<string> =>
    known(write(folder, name, await samplePicture(width, 600, seed).jpeg().toBuffer()));
  return { viewer, tiles, processes, known, picture };
}

test('a decoder that is killed in the middle answers with a clear error, and the next tile comes', async () => {
  const { tiles, processes, picture } = open({ entry: crashing });
  const hash = await picture('hang.jpg');
  const failure = failureOf(tiles.tile(hash, first));
  await expect.poll(() => processes.length).toBe(1);
  processes[0]!.kill();
  const { code, message } = await failure;
  expect(code).toBe('judge_crashed');
  expect(message).toContain('hang.jpg');
  expect(await tiles.tile(await picture('a.jpg', 1), first)).not.toBeNull();
  expect(processes).toHaveLength(2);
});

test('a picture that ends the process is told so; tiles of others that were asked for beside it come', async () => {
  const { tiles, picture } = open({ entry: crashing });
  const [good, guilty, other] = [
    await picture('a.jpg'),
    await picture('crash.jpg', 1),
    await picture('b.jpg', 2),
  ];
  const [one, failure, two] = await Promise.all([
    tiles.tile(good, first),
    failureOf(tiles.tile(guilty, first)),
    tiles.tile(other, first),
  ]);
  expect(failure).toMatchObject({ code: 'judge_crashed', message: expect.stringContaining('crash.jpg') });
  expect([one, two].map((png) => png?.length ?? 0).every((length) => length > 1000)).toBe(true);
});

test('tiles of one level that are asked for at once end the process once', async () => {
  const { tiles, processes, picture } = open({ entry: crashing });
  const hash = await picture('crash.jpg');
  const failures = await Promise.all(
    [0, 1].flatMap((x) => [0, 1].map((y) => failureOf(tiles.tile(hash, { level: 0, x, y })))),
  );
  expect(failures.map(({ code }) => code)).toEqual(Array(4).fill('judge_crashed'));
  expect(processes).toHaveLength(1);
});

test('a picture whose full resolution alone ends the process is shown on the whole, and is told where one looks closer', async () => {
  const { tiles, picture } = open({ entry: crashing });
  const hash = await picture('whole crash.jpg');
  expect(await tiles.tile(hash, { level: 1, x: 0, y: 0 })).not.toBeNull();
  expect((await failureOf(tiles.tile(hash, first))).code).toBe('judge_crashed');
  expect(await tiles.tile(await picture('a.jpg', 1), first)).not.toBeNull();
});

test('a picture that never comes to an end is given up after its time', async () => {
  const { tiles, picture } = open({ entry: crashing, limits: { stallMs: 300 } });
  const failure = await failureOf(tiles.tile(await picture('hang.jpg'), first));
  expect(failure).toMatchObject({ code: 'time_limit', message: expect.stringContaining('hang.jpg') });
  expect(await tiles.tile(await picture('a.jpg', 1), first)).not.toBeNull();
});

test('a picture that needs more memory than it may ends the process, and one of too many pixels is refused before', async () => {
  const { tiles, known, picture } = open({ limits: { memory: 150 * 2 ** 20 } });
  const grey = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: '#808080' }, limitInputPixels: false }).png({
      compressionLevel: 9,
    });
  const bomb = path.join(folder, 'bomb.png');
  await grey(9000, 9000).toFile(bomb);
  expect(await failureOf(tiles.tile(known(bomb), first))).toMatchObject({
    code: 'memory_limit',
    message: expect.stringContaining('bomb.png'),
  });
  const wide = path.join(folder, 'wide.png');
  await grey(20_000, 16_000).toFile(wide);
  expect((await failureOf(tiles.tile(known(wide), first))).code).toBe('image_too_large');
  expect(await tiles.tile(await picture('a.jpg', 1), first)).not.toBeNull();
});

test('the full resolution is decoded while the picture is looked at on the whole', async () => {
  const { viewer, tiles, picture } = open();
  const hash = await picture('a.jpg', 0, 1100);
  await tiles.tile(hash, { level: 1, x: 0, y: 0 });
  const both = (1100 * 600 + 550 * 300) * 3;
  const keep = { file: path.join(folder, 'a.jpg'), name: 'a.jpg', sha256: hash, keep: 2 ** 28 };
  // What is asked next is answered in its turn; nothing of it needs the full resolution.
  await expect.poll(async () => (await viewer.view({ ...keep, level: 1, tile: null })).kept).toBe(both);
});

test('the process can be ready before a picture is opened, and closing ends what is decoded just then', async () => {
  const { viewer, tiles, processes, picture } = open({ entry: crashing });
  tiles.expect();
  tiles.expect();
  expect(processes).toHaveLength(1);
  const failure = failureOf(tiles.tile(await picture('hang.jpg'), first));
  await viewer.close();
  expect((await failure).code).toBe('cancelled');
  expect((await failureOf(tiles.tile(await picture('a.jpg'), first))).code).toBe('cancelled');
});
