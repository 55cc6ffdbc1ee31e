/** When a training that is started on the command line ends. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trainingRequest } from '#hosts/node/cli/training-request.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pentimento-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (content: unknown): string => {
  const path = join(folder, 'config.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
};

test('without any condition it ends after the steps that the method was measured with', async () => {
  expect(await trainingRequest({})).toEqual({ stop: { steps: 1100 }, overrides: {} });
});

test('every option is a condition, and one is enough', async () => {
  expect((await trainingRequest({ minutes: 3, untilLoss: 0.5 })).stop).toEqual({
    minutes: 3,
    lossBelow: 0.5,
  });
  expect((await trainingRequest({ patience: 4 })).stop).toEqual({ patience: 4 });
});

test('conditions stand in the file beside the settings; an option replaces the same one', async () => {
  const config = file({ crop: 128, stop: { steps: 500, patience: 4 } });
  expect(await trainingRequest({ config, steps: 20 })).toEqual({
    stop: { steps: 20, patience: 4 },
    overrides: { crop: 128 },
  });
});

test('settings alone leave the end as it is without a file', async () => {
  expect(await trainingRequest({ config: file({ crop: 128 }) })).toEqual({
    stop: { steps: 1100 },
    overrides: { crop: 128 },
  });
});

test.each([
  [{ stop: { step: 3 } }, /"stop" cannot be used: .*step/],
  [{ stop: { patience: 0 } }, /"stop" cannot be used: patience/],
  [{ stop: {} }, /give steps, minutes, lossBelow or patience/],
  [{ stop: 'soon' }, /expected object/],
])('a file with %j is refused', async (content, message) => {
  await expect(trainingRequest({ config: file(content) })).rejects.toMatchObject({
    code: 'invalid_input',
    message: expect.stringMatching(message) as string,
  });
  if (content.stop === 'soon')
    await expect(trainingRequest({ config: file(content), steps: 3 })).rejects.toThrow(/expected object/);
});
