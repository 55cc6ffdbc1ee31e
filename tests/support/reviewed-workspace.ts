/** A workspace with one case whose pictures were judged by a detector of plain sums, and that detector as its model. */
import { mkdir } from 'node:fs/promises';
import { renderScenes } from '#features/samples/scene-renderer.ts';
import { Workspace } from '#storage/workspace.ts';
import { evidenceServices } from '../src-main/features/evidence/evidence-set-up.ts';
import { write } from './sample-files.ts';
import { writeTinyDetector } from './tiny-detector.ts';

export type ReviewedCase = { caseId: string; name: string; items: number };

/** Makes it in `folder`, with its pictures beside it, and closes it. */
export async function makeReviewedWorkspace(
  folder: string,
  pictures: string,
  { scenes = 6, width = 640, height = 480 } = {},
): Promise<ReviewedCase> {
  await mkdir(pictures, { recursive: true });
  for await (const scene of renderScenes({ count: scenes, seed: 11, width, height }))
    write(pictures, scene.name, scene.bytes);
  const detector = `${folder}-detector.onnx`;
  await writeTinyDetector(detector);
  const workspace = await Workspace.open(folder, { holder: 'a test' });
  try {
    const { cases, evidence, models, result } = evidenceServices(workspace);
    await models.import(detector);
    const name = 'Harbour matter';
    const { id: caseId } = await cases.create({
      ...{ name, number: '2026-114', examiner: 'Ada Lane' },
      tags: ['harbour'],
    });
    await result('intake', evidence.takeIn({ paths: [pictures], case: caseId, storage: 'copy' }));
    await result('detection', evidence.detect({ case: caseId }));
    return { caseId, name, items: scenes };
  } finally {
    await workspace.close();
  }
}
