/** A program of its own that takes a folder into a case, says after each batch how many are taken in, and is killed. */
import { createExaminer } from '#compute/decoding/examiner.ts';
import { CaseService } from '#features/cases/case.service.ts';
import { EvidenceRepository } from '#features/evidence/evidence.repository.ts';
import { EvidenceWriter } from '#features/evidence/evidence-writer.ts';
import { Intake } from '#features/evidence/intake.ts';
import { walkFiles } from '#features/datasets/walk-files.ts';
import { Workspace } from '#storage/workspace.ts';

const [folder = '', pictures = ''] = process.argv.slice(2);
const workspace = await Workspace.open(folder, { holder: 'an intake' });
const cases = new CaseService(workspace);
const into =
  (await cases.list({}, { offset: 0, limit: 1 })).cases[0] ?? (await cases.create({ name: 'Doe' }));
const writer = new EvidenceWriter(workspace, new EvidenceRepository(workspace.db), {
  examiner: createExaminer(),
  programVersion: '1.2.3',
});
const progress = ({ done }: { done: number }): void => void process.stdout.write(`${done}\n`);
const signal = new AbortController().signal;
const pausePoint = async (): Promise<void> => undefined;
await new Intake(writer, into).files(await walkFiles([pictures]), 'copy', { progress, signal, pausePoint });
