/** A workspace in which every kind of result stands: a trained run with its checkpoint and model, and verdicts on pictures. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { DetectionService } from '#features/detection/detection.service.ts';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import { openTrainingWorkspace, scripted } from './training-workspace.ts';

/** Makes it in `folder`, with pictures of its own beside it, and closes it. Answers with the ids of its verdicts. */
export async function makeWorkedWorkspace(folder: string, pictures: string): Promise<string[]> {
  const open = await openTrainingWorkspace(folder);
  try {
    const { id } = await open.runs.start(
      scripted([
        { do: 'ready' },
        { do: 'metric', step: 1 },
        { do: 'samples', step: 1 },
        { do: 'checkpoint', step: 1 },
        { do: 'metric', step: 2 },
        { do: 'done', step: 2 },
      ]),
    );
    await open.runs.settled(id);
    const { workspace, models } = open;
    const jobs = new JobService(new JobRepository(workspace.db));
    const detection = new DetectionService({ workspace, models, jobs, programVersion: '1.2.3' });
    mkdirSync(pictures, { recursive: true });
    for (const [name, shade] of [
      ['a.png', 40],
      ['b.png', 220],
    ] as const)
      await sharp({ create: { width: 96, height: 96, channels: 3, background: { r: shade, g: 9, b: 9 } } })
        .png()
        .toFile(path.join(pictures, name));
    const verdicts: string[] = [];
    for await (const item of detection.judge([pictures], await models.resolve()))
      if (item.kind === 'verdict') verdicts.push(item.verdict.id);
    return verdicts;
  } finally {
    await open.close();
  }
}
