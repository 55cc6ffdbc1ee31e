/** A program that moves the stored files to and fro and is killed (SIGKILL) at random points: every file stays. */
import path from 'node:path';
import { expect, test } from 'vitest';
import { Random } from '#engine/random.ts';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import { VerificationService } from '#features/verification/verification.service.ts';
import { Workspace } from '#storage/workspace.ts';
import { runAndKill, supportProgram } from '#tests/support/start-program.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

test(
  'wherever a move is killed, every file is whole in the one place that the workspace knows',
  { timeout: 300_000 },
  async () => {
    const base = temporaryFolder();
    const [folder, files] = [path.join(base, 'workspace'), path.join(base, 'files')];
    const made = await Workspace.open(folder, { holder: 'the tests' });
    for (let i = 0; i < 150; i++)
      await made.blobs.put(Buffer.alloc(9000, `file ${i} `), 'image/png', 'original');
    await made.close();
    const random = new Random('killed move');
    const places = new Set<string>();
    for (let kill = 0; kill < 15; kill++) {
      await runAndKill([supportProgram('busy-workspace'), 'moving', folder, files], {
        lines: random.integer(3) + 1,
        moment: random.integer(200),
      });
      const workspace = await Workspace.open(folder, { holder: 'the tests' });
      try {
        expect(workspace.readOnly).toBeNull();
        const jobs = new JobService(new JobRepository(workspace.db));
        const report = await new VerificationService({ workspace, jobs }).verify();
        expect(report).toMatchObject({ findings: [], checked: { blobs: 150 } });
        expect(workspace.settings.get('files')?.from ?? null).toBeNull();
        places.add(workspace.blobs.folder);
      } finally {
        await workspace.close();
      }
    }
    expect(places).toEqual(new Set([path.join(folder, 'blobs'), files]));
  },
);
