/** Which pictures labelled simulated join a training, and what a run does with each label. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { beforeEach, describe, expect, test } from 'vitest';
import { declaresGenerated, selectKnownFakes } from '#compute/trainer/known-fake-source.ts';
import { PIXEL_BUDGET, photographSource } from '#compute/trainer/photographs.ts';
import { selectPhotographs, validationPhotographs } from '#compute/trainer/select-photographs.ts';
import { AppError } from '#contract/errors.ts';
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import { Random } from '#engine/random.ts';
import { BatchAssembly } from '#engine/training/batch-assembly.ts';
import { resolveTrainingConfig } from '#engine/training/training-config.ts';
import { samplePicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
let files = 0;
const file = (bytes: Uint8Array): string => write(folder, `file-${files++}`, bytes);

interface Wanted {
  label?: TrainerPhotograph['label'];
  split?: TrainerPhotograph['split'];
  category?: string | null;
  width?: number;
  height?: number;
  /** 1 where edited. */
  mask?: (x: number, y: number) => boolean;
  maskWidth?: number;
}

async function picture(wanted: Wanted = {}): Promise<TrainerPhotograph> {
  const { label = 'simulated', split = 'train', category = null, width = 128, height = 96, mask } = wanted;
  const where = file(await samplePicture(width, height, files).png().toBuffer());
  const photograph = { path: where, sha256: hashOf(where), label, split, category, maskPath: null };
  if (!mask) return photograph;
  const columns = wanted.maskWidth ?? width;
  const pixels = Uint8Array.from({ length: columns * height }, (_, p) =>
    mask(p % columns, Math.floor(p / columns)) ? 255 : 0,
  );
  const raw = { width: columns, height, channels: 1 } as const;
  const maskPath = file(await sharp(pixels, { raw }).png().toBuffer());
  return { ...photograph, maskPath, maskSha256: hashOf(maskPath) };
}
const left = (x: number): boolean => x < 40;
const select = (photographs: TrainerPhotograph[], sharing = photographs.length) =>
  selectKnownFakes(photographs, { crop: 64, sharing });
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing was thrown',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

describe('a picture labelled simulated joins', () => {
  test('with a mask under which some crops are edited in part: the mask is that of its pixels', async () => {
    const { source, unusable } = await select([await picture({ mask: left })]);
    expect(source.count).toBe(1);
    expect(unusable).toEqual({ unknownRegion: [], tooSmall: [], noFairCrop: [] });
    const [image, mask] = [await source.read(0), await source.mask(0)];
    expect([image.width, image.height]).toEqual([128, 96]);
    expect(mask).toEqual(Uint8Array.from({ length: 128 * 96 }, (_, p) => Number(left(p % 128))));
  });

  test.each(['generated', 'generated/sdxl', 'Generated: GAN'])(
    'as wholly simulated where its category is "%s"',
    async (category) => {
      const { source } = await select([await picture({ category })]);
      expect(source.count).toBe(1);
      expect(await source.mask(0)).toBeNull();
    },
  );

  test('as wholly simulated where its mask is white everywhere', async () => {
    const { source } = await select([await picture({ mask: () => true })]);
    expect(await source.mask(0)).toBeNull();
  });

  test.each([
    ['nobody knows where it was edited', { category: 'splice' }, 'unknownRegion'],
    ['a category merely mentions the word', { category: 'not generated' }, 'unknownRegion'],
    ['it is smaller than a crop', { category: 'generated', width: 56 }, 'tooSmall'],
    ['its mask is black', { mask: () => false }, 'noFairCrop'],
    ['its mask shows too little', { mask: (x: number, y: number) => x + y < 10 }, 'noFairCrop'],
  ] as const)('not, where %s', async (_, wanted, reason) => {
    const one = await picture(wanted);
    const { source, joining, unusable } = await select([one]);
    expect([source.count, joining]).toEqual([0, []]);
    expect(unusable[reason]).toEqual([one]);
  });

  test('and how it is coded is known', async () => {
    const one = await picture({ category: 'generated' });
    const jpeg = await samplePicture(96, 96).jpeg({ quality: 83, chromaSubsampling: '4:4:4' }).toBuffer();
    const other = { ...one, path: file(jpeg) };
    const { source } = await select([one, other]);
    expect(await source.coding!(0)).toBeNull();
    expect(await source.coding!(1)).toEqual({ quality: 83, chromaSubsampling: '4:4:4' });
  });
});

describe('a run is refused', () => {
  test('where a mask is not as large as its picture, or no picture', async () => {
    const narrow = await picture({ mask: left, maskWidth: 120 });
    expect(await codeOf(select([narrow]))).toBe('invalid_mask');
    const broken = await picture({ mask: left });
    writeFileSync(broken.maskPath!, 'no picture');
    expect(await codeOf(select([broken]))).toBe('invalid_mask');
  });

  test('where a mask, a known fake or a photograph is no longer the file that was taken in', async () => {
    const one = await picture({ mask: left });
    writeFileSync(one.maskPath!, readFileSync((await picture({ mask: (x) => x > 70 })).maskPath!));
    expect(await codeOf(select([one]))).toBe('evidence_changed');
    const other = await picture({ category: 'generated' });
    const { source } = await select([other]);
    writeFileSync(other.path, await samplePicture(128, 96, 99).png().toBuffer());
    expect(await codeOf(source.read(0))).toBe('evidence_changed');
    expect(await codeOf(photographSource([other]).read(0))).toBe('evidence_changed');
  });
});

test('of a large picture a window is kept that shows edited pixels, the mask with it', async () => {
  const corner = (x: number, y: number): boolean => x > 560 && y < 70;
  const one = await picture({ width: 640, height: 560, mask: corner });
  const sharing = Math.ceil(PIXEL_BUDGET / 3 / 256 ** 2); // so many that each may keep 256 pixels
  const { source } = await select([one], sharing);
  const [image, mask] = [await source.read(0), (await source.mask(0))!];
  expect([image.width, image.height, mask.length]).toEqual([256, 256, 256 * 256]);
  expect(mask.includes(1)).toBe(true);
  const whole = await photographSource([one]).read(0);
  const row = image.data.subarray(0, 256 * 3);
  const at = Array.from({ length: (640 - 256) / 8 + 1 }, (_, i) => i * 8).filter((x) =>
    Buffer.from(whole.data.subarray(x * 3, (x + 256) * 3)).equals(row),
  );
  expect(at).toHaveLength(1); // the window begins in the first row, at a multiple of 8
  const expected = Uint8Array.from({ length: 256 * 256 }, (_, p) =>
    Number(corner(at[0]! + (p % 256), p >> 8)),
  );
  expect(mask).toEqual(expected);
});

describe('the photographs of a run', () => {
  const logged: string[] = [];
  const selected = async (photographs: TrainerPhotograph[], overrides = {}) => {
    logged.length = 0;
    return selectPhotographs(photographs, resolveTrainingConfig(overrides), (level, code, message) =>
      logged.push(`${level} ${code}: ${message}`),
    );
  };
  const reals = () => Promise.all([picture({ label: 'real' }), picture({ label: 'real' })]);

  test('only the training split joins, and the log says which known fakes do and which do not', async () => {
    const pictures = [
      ...(await reals()),
      await picture({ mask: left, category: 'splice' }),
      await picture({ category: 'generated' }),
      await picture({ category: 'generated' }),
      await picture({ category: 'splice' }),
      await picture({ mask: () => false }),
      await picture({ category: 'generated', split: 'validation' }),
      await picture({ category: 'generated', split: 'test' }),
      await picture({ label: 'real', split: 'validation' }),
    ];
    const places = { generatorMode: 'both', blendsPerBatch: 12, replayShare: 0.5, knownFakeShare: 0.25 };
    const { knownFakes } = await selected(pictures, places);
    expect(knownFakes!.count).toBe(3);
    expect(validationPhotographs(pictures).map(({ label }) => label)).toEqual(['real']);
    expect(logged).toEqual([
      'info known_fakes: Known fakes that join: 3 (2 generated, 1 splice), 1 of them with masks. ' +
        'They take 1.5 places of drawn blends in a batch on average.',
      'warning known_fakes_unused: Known fakes that do not join, as they have no mask, and no category that begins with "generated": 1 (1 splice).',
      'warning known_fakes_unused: Known fakes that do not join, as they have a mask under which no crop is edited in part: 1 (1 without a category).',
    ]);
  });

  test.each([{ knownFakeShare: 0 }, { replayShare: 0 }])(
    'with %o known fakes stay out, and are not even read',
    async (overrides) => {
      const gone = { ...(await picture({ category: 'generated' })), path: path.join(folder, 'gone.png') };
      const { knownFakes } = await selected([...(await reals()), gone], overrides);
      expect(knownFakes).toBeUndefined();
      expect(logged).toEqual(['info known_fakes: Known fakes do not join (1): no places are kept for them.']);
    },
  );

  test('a reference lends regions whatever it is, and is never a host nor of the real class', async () => {
    const reference = await picture({ label: 'reference', category: 'generated', width: 80, height: 72 });
    // one colour that no other picture has tells where its pixels go
    const violet = { width: 80, height: 72, channels: 3 as const, background: { r: 90, g: 0, b: 255 } };
    writeFileSync(reference.path, await sharp({ create: violet }).png().toBuffer());
    const photographs = await selected([
      ...(await reals()),
      { ...reference, sha256: hashOf(reference.path) },
    ]);
    expect([photographs.real.count, photographs.foreign.count]).toEqual([2, 3]);
    expect(photographs.knownFakes).toBeUndefined();
    const config = resolveTrainingConfig({ colourMatchShare: 0 });
    const codec = { roundTrip: () => Promise.reject(new Error('nothing is to be coded')) };
    const assembly = new BatchAssembly(config, photographs, codec);
    const { real, reference: hosts } = await assembly.pairs(40, new Random(1));
    const isViolet = ({ data }: { data: Uint8Array }): boolean => data[0] === 90 && data[2] === 255;
    expect(real.filter(isViolet).length).toBeGreaterThan(5);
    expect(hosts.filter(isViolet)).toEqual([]);
    expect((await assembly.hosts(40, new Random(2))).filter(isViolet)).toEqual([]);
  });
});

test('the word that declares a whole picture is the first of its category', () => {
  expect(
    ['generated', 'GENERATED gan', 'regenerated', 'generatedness', '', null].map(declaresGenerated),
  ).toEqual([true, true, false, false, false, false]);
});
