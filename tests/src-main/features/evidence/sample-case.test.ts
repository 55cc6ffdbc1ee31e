/** The case that an empty workbench offers to try the program with. */
import { expect, test } from 'vitest';
import { takeSampleCase } from '#features/evidence/sample-case.ts';
import { renderScenes } from '#features/samples/scene-renderer.ts';
import { setUpEvidence } from './evidence-set-up.ts';

const scenes = (count: number, seed: number) => renderScenes({ count, seed, width: 96, height: 64 });

test('it holds forged and untouched scenes, each marked as rendered, and says what they are', async () => {
  const { cases, evidence, items } = await setUpEvidence();
  const { caseId } = await takeSampleCase({ cases, evidence, renderScenes: scenes });
  const found = await items(caseId);
  expect(found.map(({ name }) => name).toSorted()).toEqual([
    'forged-copy-move.jpg',
    'forged-hard-splice.jpg',
    'forged-inpaint-fill.jpg',
    'untouched-1.jpg',
    'untouched-2.jpg',
    'untouched-3.jpg',
  ]);
  expect(found.every(({ rendered, format }) => rendered && format === 'jpeg')).toBe(true);
  expect(new Set(found.map(({ sha256 }) => sha256)).size).toBe(6);
  expect((await cases.find(caseId)).notes).toContain('were changed by it');
});

test('asked for again it is the same case, filled up where it was cut off, and left alone where it was closed', async () => {
  const { cases, evidence, items } = await setUpEvidence();
  const cutOff = {
    cases,
    renderScenes: scenes,
    evidence: Object.assign(Object.create(evidence) as typeof evidence, {
      takeBytes: async (...args: Parameters<typeof evidence.takeBytes>) => {
        if (args[1] === 'forged-copy-move.jpg') throw new Error('cut off');
        return evidence.takeBytes(...args);
      },
    }),
  };
  await expect(takeSampleCase(cutOff)).rejects.toThrow('cut off');
  const { caseId } = await takeSampleCase({ cases, evidence, renderScenes: scenes });
  expect(await items(caseId)).toHaveLength(6);
  await cases.edit(caseId, { status: 'closed' });
  expect(await takeSampleCase({ cases, evidence, renderScenes: scenes })).toEqual({ caseId });
  expect(await items(caseId)).toHaveLength(6);
});
