import { copyFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sourceGroups } from '#features/method-study/source-groups.ts';
import { readStudyData } from '#features/method-study/study-data.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { studyPictures, writeStudyData } from '#tests/support/study-data.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'pentimento-study-'));
beforeAll(() => writeStudyData(folder));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A copy that a test may spoil. */
function copied(): string {
  const copy = temporaryFolder();
  cpSync(folder, copy, { recursive: true });
  return copy;
}

describe("the study's pictures", () => {
  test('are trained on or judged, never both', async () => {
    const { training, test: testing, pictures } = await readStudyData(folder, 'broad');
    const names = (files: { name: string }[]): string[] => files.map(({ name }) => name);
    expect(names(training)).toEqual([...studyPictures.training, ...studyPictures.broad]);
    expect(names(testing)).toEqual(studyPictures.test);
    const judged = [...names(testing), ...names(pictures)];
    expect(names(training).filter((name) => judged.includes(name))).toEqual([]);
    expect(new Set(judged).size).toBe(judged.length);
    const narrow = await readStudyData(folder, 'bsds500');
    expect(names(narrow.training)).toEqual(studyPictures.training);
    expect(names(narrow.pictures)).toEqual(names(pictures));
  });

  test('make up sets of both classes', async () => {
    const { sets, pictures } = await readStudyData(folder, 'bsds500');
    const { casia, imd2020, manipulated, generated } = Object.fromEntries(
      sets.map((set) => [set.name, { simulated: set.simulated, real: set.real }]),
    );
    expect(casia).toEqual({
      simulated: ['manipulated/casia1_copymove', 'manipulated/casia1_splice'],
      real: ['real/casia1_au'],
    });
    expect(imd2020).toEqual({ simulated: ['manipulated/imd2020'], real: ['real/imd2020_orig'] });
    expect(manipulated).toEqual({
      simulated: ['manipulated/erlangen_copymove'],
      real: ['real/casia1_au', 'real/imd2020_orig', 'manipulated/deepfillv2_inpaint/originals'],
    });
    expect(generated).toEqual({
      simulated: ['generated/sdxl'],
      real: ['real/casia1_au', 'real/imd2020_orig'],
    });
    const simulated = pictures.filter((picture) => picture.simulated).map(({ name }) => name);
    expect(simulated.sort()).toEqual([...studyPictures.manipulated, ...studyPictures.generated].sort());
  });

  test('have their masks, except where a mask covers what was not edited', async () => {
    const { pictures } = await readStudyData(folder, 'bsds500');
    const masks = new Map(pictures.map(({ name, mask }) => [name, mask]));
    for (const name of studyPictures.manipulated)
      expect(masks.get(name), name).toBe(
        name.includes('erlangen')
          ? null
          : join(folder, name.replace('/images/', '/masks/').replace('.jpg', '.png')),
      );
    for (const name of studyPictures.real) expect(masks.get(name)).toBeNull();
  });

  test('give another hash where a file has other content, or is trained on as well', async () => {
    const { hash } = await readStudyData(folder, 'bsds500');
    expect((await readStudyData(folder, 'broad')).hash).not.toBe(hash);
    const copy = copied();
    expect((await readStudyData(copy, 'bsds500')).hash).toBe(hash);
    copyFileSync(join(copy, studyPictures.real[0]), join(copy, studyPictures.generated[0]));
    expect((await readStudyData(copy, 'bsds500')).hash).not.toBe(hash);
  });

  test.each(['real/bsds500', 'real/bsds500_test'])('cannot do without %s', async (needed) => {
    const copy = copied();
    rmSync(join(copy, needed), { recursive: true });
    const error = await failureOf(readStudyData(copy, 'bsds500'));
    expect(error).toMatchObject({ code: 'file_not_found', hint: expect.stringContaining('--data') });
    expect(error.message).toContain(join(copy, needed));
  });
});

test('pictures that share a source photograph, directly or through another, are one group', () => {
  const groups = sourceGroups(
    [
      'manipulated/casia1_splice/images/Sp_D_CNN_A_ani0001_sec0003_0265.jpg',
      'real/casia1_au/Au_sec_0003.jpg',
      'manipulated/casia1_splice/images/Sp_D_NRN_R_sec0003_txt0009_0571.jpg',
      'real/casia1_au/Au_txt_0010.jpg',
      'manipulated/imd2020/images/x.jpg',
      'manipulated/imd2020/images/y.jpg',
      'real/imd2020_orig/1.jpg',
      'real/imd2020_orig/2.jpg',
      'manipulated/deepfillv2_inpaint/images/case2.png',
      'manipulated/deepfillv2_inpaint/originals/case2.jpg',
      'manipulated/faceswap_examples/images/case2.png',
    ].map((name) => ({ name, source: name.replace(/(\/images)?\/[^/]*$/, '') })),
  );
  const numbers = groups.map((group) => groups.indexOf(group));
  expect(numbers).toEqual([0, 0, 0, 3, 4, 5, 4, 5, 8, 8, 10]);
});
