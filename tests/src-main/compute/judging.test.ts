/** The judging process: that it can be lost without losing anything, and what hostile files come to in it. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import proto, { type onnx } from 'onnx-proto';
import sharp from 'sharp';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { createJudgeHost, type Judge } from '#compute/judging/judge-host.ts';
import { forkChild, type ChildProcess, type SpawnChild } from '#compute/child-process.ts';
import type { JudgeLimits } from '#compute/judging/judge-limits.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { samplePicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { tinyDetectorBytes, writeTinyDetector } from '#tests/support/tiny-detector.ts';

const { ModelProto, TensorProto } = proto.onnx;

let folder: string;
let model: { path: string; name: string };
beforeEach(async () => {
  folder = temporaryFolder();
  model = { path: await writeTinyDetector(path.join(folder, 'tiny.onnx')), name: 'tiny' };
});

/** With the processes that it started. */
async function openJudge(limits: Partial<JudgeLimits> = {}): Promise<Judge & { processes: ChildProcess[] }> {
  const processes: ChildProcess[] = [];
  const spawn: SpawnChild = (...how) => {
    const started = forkChild(...how);
    processes.push(started);
    return started;
  };
  const judge = await createJudgeHost({ limits, spawn }).open(model);
  onTestFinished(() => judge.close());
  return Object.assign(judge, { processes });
}
const request = (file: string, depth: 'full' | 'score' = 'score') => ({
  file,
  name: path.basename(file),
  depth,
});
const picture = async (name: string, width = 200, height = 130): Promise<string> =>
  write(folder, name, await samplePicture(width, height).jpeg().toBuffer());
/** So many pixels in a file of a few kilobytes. */
async function hugeFlatPicture(name: string, side: number): Promise<string> {
  const create = { width: side, height: side, channels: 3 as const, background: '#808080' };
  await sharp({ create, limitInputPixels: false })
    .png({ compressionLevel: 9 })
    .toFile(path.join(folder, name));
  return path.join(folder, name);
}
const kill = ({ pid }: ChildProcess): void => void process.kill(pid!, 'SIGKILL');

test('a picture is judged in another process, and the same picture gives the same bytes each time', async () => {
  const [judge, other] = [await openJudge(), await openJudge()];
  const file = await picture('a.jpg');
  const withoutTimes = async (by: Judge) => {
    const { ms, ...rest } = await by.judge(request(file, 'full'));
    expect(ms.infer).toBeGreaterThan(0);
    return rest;
  };
  const first = await withoutTimes(judge);
  expect(first.media!.kernels).toHaveLength(2);
  expect(await withoutTimes(judge)).toEqual(first);
  expect(await withoutTimes(other)).toEqual(first);
  const scored = await judge.judge(request(file));
  expect(scored.media).toBeNull();
  expect(scored.judgement.score).toBe(first.judgement.score);
});

test.skipIf(process.platform !== 'linux')(
  'after five hundred pictures the process holds what it held after a hundred (needs Linux)',
  async () => {
    const judge = await openJudge();
    const file = await picture('a.jpg', 400, 300);
    const megabytes = (): number =>
      Number(
        /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${judge.processes[0]!.pid}/status`, 'utf8'))![1],
      ) / 1024;
    let left = 500;
    const held: number[] = [];
    const work = async (): Promise<void> => {
      while (left-- > 0) {
        await judge.judge(request(file));
        if (left === 400 || left === 0) held.push(megabytes());
      }
    };
    // As triage asks: one is judged while the next is decoded.
    await Promise.all([work(), work()]);
    expect(held).toHaveLength(2);
    // Without `flat-memory.ts` it is some 40 MB more, and after a thousand 60.
    expect(held[1]! - held[0]!).toBeLessThan(20);
  },
  120_000,
);

test('a process that is lost between two pictures is replaced', async () => {
  const judge = await openJudge();
  const file = await picture('a.jpg');
  const before = await judge.judge(request(file));
  kill(judge.processes[0]!);
  await judge.processes[0]!.ended;
  for (let again = 0; again < 2; again++)
    expect((await judge.judge(request(file))).judgement).toEqual(before.judgement);
  expect(judge.processes, 'one in its place, for all that come').toHaveLength(2);
});

test('a process that does not get its model open in its time is ended, and the model refused', async () => {
  const entry = write(folder, 'silent.mjs', "process.on('message', () => undefined);");
  const opening = createJudgeHost({ entry, limits: { openMs: 500 } }).open(model);
  expect(await failureOf(opening)).toMatchObject({
    code: 'model_invalid',
    message: expect.stringContaining('was not ready after'),
  });
});

test('a picture alone in the process when it is lost is told so; several are tried again, each by itself', async () => {
  const judge = await openJudge();
  const large = await hugeFlatPicture('large.png', 3000);
  const alone = failureOf(judge.judge(request(large), { progress: () => kill(judge.processes[0]!) }));
  expect(await alone).toMatchObject({ code: 'judge_crashed', message: expect.stringContaining('large.png') });
  let killed = false;
  const progress = (): void => {
    if (!killed) kill(judge.processes[1]!);
    killed = true;
  };
  const both = [judge.judge(request(large), { progress }), judge.judge(request(large), { progress })];
  const [first, second] = await Promise.all(both);
  expect(judge.processes).toHaveLength(4);
  expect(first!.judgement).toEqual(second!.judgement);
});

test('a picture that needs more memory than it may is refused, and the one beside it is judged', async () => {
  const judge = await openJudge({ memory: 420 * 2 ** 20 });
  // 300 million pixels at most: 867 MB of them in a file of less than a megabyte.
  const bomb = await hugeFlatPicture('bomb.png', 17_000);
  const good = await picture('good.jpg');
  const [failure, judged] = await Promise.all([
    failureOf(judge.judge(request(bomb))),
    judge.judge(request(good)),
  ]);
  expect(failure).toMatchObject({ code: 'memory_limit', message: expect.stringContaining('bomb.png') });
  expect(judged.facts.width).toBe(200);
});

test('a picture that makes no progress in its time is given up, and the next one is judged', async () => {
  const judge = await openJudge({ stallMs: 1500 });
  const stopped = await picture('stopped.jpg');
  const first = judge.judge(request(stopped), {});
  process.kill(judge.processes[0]!.pid!, 'SIGSTOP');
  // The time of a picture begins with its first sign of life.
  process.kill(judge.processes[0]!.pid!, 'SIGCONT');
  await first;
  const large = await hugeFlatPicture('large.png', 3000);
  const late = failureOf(
    judge.judge(request(large), { progress: () => process.kill(judge.processes[0]!.pid!, 'SIGSTOP') }),
  );
  expect(await late).toMatchObject({ code: 'time_limit', message: expect.stringContaining('large.png') });
  expect((await judge.judge(request(stopped))).facts.width).toBe(200);
});

test('a cancelled picture ends and leaves the process as it was', async () => {
  const judge = await openJudge();
  const controller = new AbortController();
  const large = await hugeFlatPicture('large.png', 4000);
  const { signal } = controller;
  const failure = failureOf(judge.judge(request(large), { signal, progress: () => controller.abort() }));
  expect((await failure).code).toBe('cancelled');
  await judge.judge(request(await picture('a.jpg')));
  expect(judge.processes).toHaveLength(1);
});

test('sides of 65,535 pixels, cut files and files that are two things at once give clear errors, and the rest goes on', async () => {
  const judge = await openJudge();
  const jpeg = readFileSync(await picture('good.jpg'));
  const sides = (width: number, height: number): Buffer => {
    const changed = Buffer.from(jpeg);
    const frame = changed.indexOf(Buffer.from([0xff, 0xc0]));
    changed.writeUInt16BE(height, frame + 5);
    changed.writeUInt16BE(width, frame + 7);
    return changed;
  };
  const squarePng = Buffer.from(readFileSync(await hugeFlatPicture('flat.png', 64)));
  squarePng.writeUInt32BE(65_535, 16);
  squarePng.writeUInt32BE(65_535, 20);
  squarePng.writeUInt32BE(crc32(squarePng.subarray(12, 29)), 29);
  const files: [name: string, bytes: Buffer, code: string | null][] = [
    ['square.png', squarePng, 'image_too_large'],
    ['square.jpg', sides(65_500, 65_500), 'image_too_large'],
    ['beyond.jpg', sides(65_535, 65_535), 'image_damaged'],
    ['cut.jpg', jpeg.subarray(0, jpeg.length >> 1), 'image_truncated'],
    ['zip first.jpg', Buffer.concat([Buffer.from('PK\x03\x04'), jpeg]), 'not_an_image'],
    ['zip after.jpg', Buffer.concat([jpeg, Buffer.from('PK\x03\x04 and more')]), null],
    ['page.jpg', Buffer.concat([Buffer.from('<html><!--'), jpeg, Buffer.from('-->')]), 'not_an_image'],
  ];
  for (const [name, bytes, code] of files) {
    const work = judge.judge(request(write(folder, name, bytes)));
    if (code === null) expect((await work).facts.width, name).toBe(200);
    else expect((await failureOf(work)).code, name).toBe(code);
  }
  expect(judge.processes).toHaveLength(1);
});

/** The tiny detector with something changed. */
function changed(change: (model: onnx.IModelProto) => void): Uint8Array {
  const decoded = ModelProto.toObject(ModelProto.decode(tinyDetectorBytes())) as onnx.IModelProto;
  change(decoded);
  return ModelProto.encode(ModelProto.fromObject(decoded)).finish();
}
const int64 = (name: string, values: number[]): onnx.ITensorProto => ({
  name,
  dataType: TensorProto.DataType.INT64,
  dims: [values.length],
  int64Data: values,
});

test.each<{ what: string; bytes: () => Uint8Array; says: string }>([
  {
    what: 'with an operator that nobody knows',
    bytes: () => changed(({ graph }) => (graph!.node![0]!.opType = 'Detonate')),
    says: 'does not accept its graph',
  },
  {
    what: 'whose values lie in another file',
    bytes: () =>
      changed(({ graph }) => {
        const [first] = graph!.initializer!;
        Object.assign(first!, {
          floatData: [],
          dataLocation: TensorProto.DataLocation.EXTERNAL,
          externalData: [{ key: 'location', value: '/etc/passwd' }],
        });
      }),
    says: 'lie in another file',
  },
  {
    what: 'of wrong shapes',
    bytes: () =>
      changed(({ graph }) => {
        for (const { attribute } of graph!.node!.slice(4, 6))
          for (const { ints } of attribute!) ints!.fill(8);
      }),
    says: 'cannot be used',
  },
  {
    what: 'that fills more memory than there is',
    bytes: () =>
      changed(({ graph }) => {
        graph!.initializer!.push(int64('sides', [60_000, 60_000, 1000]));
        graph!.node!.push({ opType: 'ConstantOfShape', input: ['sides'], output: ['enormous'] });
        graph!.node!.push({ opType: 'ReduceMean', input: ['enormous'], output: ['unused'] });
      }),
    says: 'cannot be used',
  },
  { what: 'that is cut off', bytes: () => tinyDetectorBytes().subarray(0, 900), says: 'not a detector' },
])('a model $what is refused with what is wrong, and nothing else is lost', async ({ bytes, says }) => {
  const file = path.join(folder, 'hostile.onnx');
  writeFileSync(file, bytes());
  const host = createJudgeHost({ limits: { memory: 2 ** 30 } });
  const failure = await failureOf(host.open({ path: file, name: 'hostile.onnx' }));
  expect(failure, failure.message).toMatchObject({
    code: 'model_invalid',
    message: expect.stringContaining(says),
  });
});

test('a picture is judged anew after each change, a JPEG as saved again at its quality, and each time alike', async () => {
  const judge = await openJudge();
  const file = write(folder, 'a.jpg', await samplePicture(200, 130).jpeg({ quality: 77 }).toBuffer());
  const changes = [
    { kind: 'crop', level: 7 },
    { kind: 'jpeg', level: 90 },
    { kind: 'scale', level: 0.3 },
  ] as const;
  const ask = () => judge.judgeChanges({ file, name: 'a.jpg', changes: [...changes] });
  const changed = await ask();
  expect(changed.map(({ change }) => change)).toEqual(changes);
  const jpeg = { format: 'jpeg', grey: false };
  expect(changed[0]!.picture).toEqual({ ...jpeg, width: 193, height: 123, quality: 77 });
  expect(changed[1]!.picture).toEqual({ ...jpeg, width: 200, height: 130, quality: 90 });
  expect(changed[1]!.judged!.tiles).toBe(8);
  expect(changed[2]).toMatchObject({ judged: null, reason: expect.stringContaining('at least 64') });
  expect(await ask()).toEqual(changed);
});

test('a picture that ends the process while its changes are judged is told of, and the next one is judged', async () => {
  const judge = await openJudge({ stallMs: 1500 });
  const file = await picture('a.jpg');
  const slow = Array.from({ length: 12 }, () => ({ kind: 'noise' as const, level: 2 }));
  const large = await picture('large.jpg', 6000, 4000);
  const failure = await failureOf(judge.judgeChanges({ file: large, name: 'large.jpg', changes: slow }));
  expect(failure.code).toBe('time_limit');
  expect((await judge.judge(request(file))).judgement.tiles).toBe(8);
});
