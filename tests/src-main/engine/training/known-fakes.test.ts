/** Known fakes: crops that show what their masks say, places that follow the seed, and codings that both classes share. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import type {
  ComputeBackend,
  HostTensor,
  JpegCodec,
  JpegCoding,
  KnownFakeSource,
  PhotographSource,
  RgbImage,
} from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import { decodeCheckpoint, encodeCheckpoint } from '#engine/training/checkpoint.ts';
import { coarserCoding, fairPlaces, KnownFakes } from '#engine/training/known-fakes.ts';
import { AdversarialTrainer, type TrainerPorts } from '#engine/training/trainer.ts';
import { sceneSource, tinyConfig, tinyPorts } from '#tests/support/tiny-training.ts';

const [WIDTH, HEIGHT] = [176, 144];
/** An ellipse, as the part of a picture that was edited. */
const edited = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, p) => {
  const [x, y] = [(p % WIDTH) - 60, Math.floor(p / WIDTH) - 50];
  return Number((x / 34) ** 2 + (y / 22) ** 2 < 1);
});
/** Red and green hold a pixel's place, blue whether it was edited. */
const placed = (blue: (p: number) => number): RgbImage => ({
  width: WIDTH,
  height: HEIGHT,
  data: Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
    const p = Math.floor(i / 3);
    return [p % WIDTH, Math.floor(p / WIDTH), blue(p)][i % 3]!;
  }),
});
const maskedFake: KnownFakeSource = {
  count: 1,
  read: () => Promise.resolve(placed((p) => edited[p]!)),
  mask: () => Promise.resolve(edited),
};
const generatedFake: KnownFakeSource = {
  count: 1,
  read: () => Promise.resolve(placed(() => 7)),
  mask: () => Promise.resolve(null),
};
const hosts: PhotographSource = { count: 2, read: (i) => Promise.resolve(placed(() => 100 + i)) };
const unusedCodec: JpegCodec = { roundTrip: () => Promise.reject(new Error('nothing is to be coded')) };
const coding = (
  quality: number,
  chromaSubsampling: JpegCoding['chromaSubsampling'] = '4:2:0',
): JpegCoding => ({
  quality,
  chromaSubsampling,
});
const codedAs = <T extends PhotographSource>(source: T, own: JpegCoding | null): T => ({
  ...source,
  coding: () => Promise.resolve(own),
});

function knownFakes(
  fakes: KnownFakeSource | undefined,
  {
    share = 1,
    real = hosts,
    codec = unusedCodec,
  }: { share?: number; real?: PhotographSource; codec?: JpegCodec } = {},
): KnownFakes {
  const photographs = { real, foreign: real, ...(fakes ? { knownFakes: fakes } : {}) };
  return new KnownFakes(tinyConfig({ knownFakeShare: share }), photographs, codec);
}

describe('fair places', () => {
  test('are all those on the 8-pixel grid where 3 to 97 percent of the crop are edited, and no others', () => {
    const places = fairPlaces({ width: WIDTH, height: HEIGHT, data: edited }, 64);
    const expected: { x: number; y: number }[] = [];
    for (let y = 0; y + 64 <= HEIGHT; y += 8)
      for (let x = 0; x + 64 <= WIDTH; x += 8) {
        let count = 0;
        for (let p = 0; p < 64 * 64; p++) count += edited[(y + (p >> 6)) * WIDTH + x + (p & 63)]!;
        if (count >= 0.03 * 64 * 64 && count <= 0.97 * 64 * 64) expected.push({ x, y });
      }
    expect(expected.length).toBeGreaterThan(20);
    expect(expected.length).toBeLessThan(15 * 11); // some crops are left out
    expect(places).toEqual(expected);
  });

  test('are none where nothing or everything was edited, or the picture is smaller than a crop', () => {
    const of = (value: number, width: number) =>
      fairPlaces({ width, height: 80, data: new Uint8Array(width * 80).fill(value) }, 64);
    expect([of(0, 80), of(1, 80), of(1, 56)]).toEqual([[], [], []]);
  });
});

describe('crops', () => {
  test('bear exactly the part of the mask that they show, on the 8-pixel grid, mirrored together', async () => {
    const { pictures, masks } = await knownFakes(maskedFake).crops(60, new Random(1));
    let mirrored = 0;
    pictures.forEach(({ data }, i) => {
      const flipped = data[0]! > data[63 * 3]!;
      mirrored += Number(flipped);
      expect([data[flipped ? 63 * 3 : 0]! % 8, data[1]! % 8]).toEqual([0, 0]);
      expect(Array.from(masks[i]!)).toEqual(Array.from({ length: 64 * 64 }, (_, p) => data[p * 3 + 2]!));
      const share = masks[i]!.reduce((a, b) => a + b, 0) / 64 ** 2;
      expect(share).toBeGreaterThanOrEqual(0.03);
      expect(share).toBeLessThanOrEqual(0.97);
    });
    expect(mirrored).toBeGreaterThan(15);
    expect(mirrored).toBeLessThan(45);
  });

  test('of a wholly generated picture are simulated everywhere', async () => {
    const { masks } = await knownFakes(generatedFake).crops(5, new Random(2));
    expect(masks).toHaveLength(5);
    for (const mask of masks) expect(mask.every((m) => m === 1)).toBe(true);
  });

  test('come with as many real crops on the same grid, of real photographs only', async () => {
    const { hosts: real } = await knownFakes(generatedFake).crops(30, new Random(3));
    expect(real).toHaveLength(30);
    for (const { data } of real) {
      const flipped = data[0]! > data[63 * 3]!;
      expect([data[flipped ? 63 * 3 : 0]! % 8, data[1]! % 8]).toEqual([0, 0]);
    }
    expect(new Set(real.map(({ data }) => data[2]))).toEqual(new Set([100, 101]));
  });

  test('take their share of the places on average, and draw nothing where there are none', async () => {
    const random = new Random(4);
    const some = knownFakes(generatedFake, { share: 0.25 });
    let count = 0;
    for (let i = 0; i < 200; i++) count += (await some.crops(6, random)).pictures.length;
    expect(count / 200).toBeCloseTo(1.5, 1);
    for (const none of [knownFakes(undefined), knownFakes(generatedFake, { share: 0 })]) {
      const before = random.state();
      expect(await none.crops(6, random)).toEqual({ pictures: [], masks: [], hosts: [] });
      expect(random.state()).toEqual(before);
    }
  });

  test('depend on the random stream alone, not on what was drawn before', async () => {
    const used = knownFakes(maskedFake);
    await used.crops(5, new Random(6));
    expect(await used.crops(5, new Random(7))).toEqual(await knownFakes(maskedFake).crops(5, new Random(7)));
  });
});

describe('codings', () => {
  test.each([
    ['neither is a JPEG', null, null, null],
    ['one is a JPEG', null, coding(80), coding(80)],
    ['one is finer', coding(95, '4:4:4'), coding(75, '4:4:4'), coding(75, '4:4:4')],
    ['each is finer in one respect', coding(95, '4:2:0'), coding(75, '4:4:4'), coding(75, '4:2:0')],
  ])('where %s, both get the coarser', (_, a, b, common) => {
    expect(coarserCoding(a, b)).toEqual(common);
    expect(coarserCoding(b, a)).toEqual(common);
  });

  /** What was coded, by the blue that tells fakes (7) from photographs (100, 101), and where its chroma blocks begin. */
  const codedPictures = async (fake: JpegCoding | null, real: JpegCoding | null) => {
    const coded: { who: string; x: number; y: number; quality: number }[] = [];
    const codec: JpegCodec = {
      roundTrip: (image, { quality }) => {
        const [x, y, blue] = image.data;
        coded.push({ who: blue === 7 ? 'fake' : 'real', x: x! % 16, y: y! % 16, quality });
        return Promise.resolve(image);
      },
    };
    const some = knownFakes(codedAs(generatedFake, fake), { real: codedAs(hosts, real), codec });
    const { pictures } = await some.crops(8, new Random(8));
    for (const { data } of pictures)
      expect([Math.min(data[0]!, data[63 * 3]!) % 8, data[1]! % 8]).toEqual([0, 0]);
    return coded;
  };

  test.each([
    ['a PNG of a fake is coded as the photograph was', null, coding(85), 'fake', 85],
    ['a photograph is coded as the fake was that is coarser', coding(70), coding(95), 'real', 70],
  ])(
    '%s, and the other is left as it is, on the grid of the whole picture',
    async (_, fake, real, who, quality) => {
      const coded = await codedPictures(fake, real);
      expect(coded).toHaveLength(8);
      for (const one of coded) expect(one).toEqual({ who, quality, x: 0, y: 0 });
    },
  );

  test('nothing is coded where both files are coded alike', async () => {
    expect(await codedPictures(coding(90), coding(90))).toEqual([]);
    expect(await codedPictures(null, null)).toEqual([]);
  });
});

describe('in training', () => {
  let backend: ComputeBackend;
  let scenes: PhotographSource;
  beforeAll(async () => {
    backend = await createWasmBackend();
    scenes = await sceneSource(3);
  });
  const config = tinyConfig({ generatorMode: 'none', knownFakeShare: 1, realPerBatch: 3, jpegShare: 0 });
  const begin = (ports: TrainerPorts) => AdversarialTrainer.begin(config, 5, ports);
  const portsWith = (knownFakes: KnownFakeSource, on = backend): TrainerPorts => {
    const ports = tinyPorts(on, scenes);
    return { ...ports, photographs: { ...ports.photographs, knownFakes } };
  };

  test('a batch is as large as ever, and its maps are taught the masks of the known fakes', async () => {
    let batch: Record<string, HostTensor> | undefined;
    const watching: ComputeBackend = {
      ...backend,
      prepare: async (name, fn, example) => {
        if (name === 'detectorStep') batch = example;
        return backend.prepare(name, fn, example);
      },
    };
    await (await begin(portsWith(maskedFake, watching))).iterate(0);
    const data = (name: string) => batch![name]!.data as Float32Array;
    expect(Array.from(data('labels'))).toEqual([0, 0, 0, 1, 1, 1]);
    const mean = (values: Float32Array) => values.reduce((a, b) => a + b, 0) / values.length;
    for (let i = 3; i < 6; i++) {
      const shown = data('pixels').subarray(i * 64 * 64 * 3, (i + 1) * 64 * 64 * 3);
      const share = mean(data('fused').subarray(i * 16 * 16, (i + 1) * 16 * 16));
      expect(share).toBeGreaterThanOrEqual(0.03);
      expect(share).toBeCloseTo(mean(shown.filter((_, p) => p % 3 === 2)), 5);
    }
  });

  test('going on from a checkpoint equals never having stopped', async () => {
    const whole = await begin(portsWith(maskedFake));
    await whole.iterate(0);
    await whole.iterate(0.5);
    const first = await begin(portsWith(maskedFake));
    await first.iterate(0);
    const state = decodeCheckpoint(encodeCheckpoint(first.state));
    const resumed = new AdversarialTrainer(state, portsWith(maskedFake));
    await resumed.iterate(0.5);
    expect(resumed.state.vectors).toEqual(whole.state.vectors);
  }, 60_000);
});
