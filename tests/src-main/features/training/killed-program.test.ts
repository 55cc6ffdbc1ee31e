import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startProgram, supportProgram } from '#tests/support/start-program.ts';
import { openTrainingWorkspace } from '#tests/support/training-workspace.ts';
import type { FakeAction } from '#tests/support/fake-trainer.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pentimento-killed-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  { moment: 'while its run waits for the trainer', line: /^run \S+ running/, from: null },
  { moment: 'while it trains', line: /^metric/, from: null },
  { moment: 'after a checkpoint', line: /^checkpoint/, from: 4 },
])(
  'a program killed $moment leaves a run that opens as interrupted and can be resumed',
  async ({ line, from }) => {
    const script: FakeAction[] = [
      { do: 'ready' },
      { do: 'metric', step: 3 },
      ...(from === null ? [] : [{ do: 'checkpoint', step: from } as FakeAction]),
      { do: 'wait' },
    ];
    const child = startProgram([supportProgram('start-run-and-wait'), folder, JSON.stringify(script)]);
    let errors = '';
    child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
    const exited = new Promise((resolve) => child.once('exit', resolve));
    let met = false;
    for await (const text of createInterface({ input: child.stdout }))
      if (line.test(text)) {
        met = true;
        child.kill('SIGKILL');
        break;
      }
    await exited;
    expect(met, errors).toBe(true);

    const { runs, close } = await openTrainingWorkspace(folder);
    try {
      const [run] = await runs.list();
      expect(run).toMatchObject({ state: 'interrupted', checkpointStep: from });
      const resumed = await runs.resume(run!.id);
      expect(resumed.step).toBe(from ?? 0);
      await runs.stop(run!.id);
      expect((await runs.settled(run!.id)).state).toBe('interrupted');
      const log = await runs.log(run!.id);
      expect(log.at(-1)!.message).toContain(from === null ? 'from the beginning' : `of step ${from}`);
    } finally {
      await close();
    }
  },
);
