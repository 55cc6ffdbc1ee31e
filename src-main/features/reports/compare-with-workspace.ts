/** A report beside the workspace that it came from: the log, the results, the pictures and maps that are kept there. */
import { createExaminer } from '#compute/decoding/examiner.ts';
import type { ReadWorkspace } from '#storage/read-workspace.ts';
import { digestOf } from '#storage/row-seals.ts';
import { sealedRows, type Tell } from './check-records.ts';
import { readableBlobs } from './readable-blobs.ts';
import type { ReportInput } from './render-report.ts';
import type { ReportRow } from './report-data.ts';
import { makeImages } from './report-images.ts';
import { viewOf } from './report-view.ts';

/** Whether the workspace recorded a report with the hash of the file. */
export async function findWritten(
  workspace: ReadWorkspace | null,
  sha256: string,
  tell: Tell,
): Promise<void> {
  if (!workspace)
    return tell(
      'not-checked',
      'file',
      'Whether a workspace recorded that it wrote this file: name it with --data-dir.',
    );
  const written = await workspace.db
    .selectFrom('reports')
    .select(['id', 'examiner', 'created_at'])
    .where('blob', '=', sha256)
    .executeTakeFirst();
  if (!written) return tell('wrong', 'file', 'The workspace recorded no report with the hash of this file.');
  const { id, examiner, created_at } = written;
  tell(
    'holds',
    'file',
    `The workspace recorded this file as the report ${id}, written by ${examiner} on ${new Date(created_at).toISOString()}.`,
  );
}

export async function compareWithWorkspace(
  workspace: ReadWorkspace,
  input: ReportInput,
  tell: Tell,
): Promise<void> {
  await compareLog(workspace, input, tell);
  await compareResults(workspace, input, tell);
  await compareImages(workspace, input, tell);
}

async function compareLog({ db }: ReadWorkspace, { data, varying }: ReportInput, tell: Tell): Promise<void> {
  const { log } = varying;
  const wanted = [
    ...data.audit.map(({ sequence, hash }) => ({ sequence, hash })),
    { sequence: log.entries, hash: log.hash },
  ];
  let wrong = 0;
  for (const { sequence, hash } of wanted) {
    const row = await db
      .selectFrom('audit_log')
      .select('hash')
      .where('sequence', '=', sequence)
      .executeTakeFirst();
    if (row?.hash === hash || sequence === 0) continue;
    wrong++;
    tell(
      'wrong',
      'workspace',
      `The entry ${sequence} of the log is not in the workspace as the report has it.`,
    );
  }
  if (wrong === 0)
    tell(
      'holds',
      'workspace',
      `${data.audit.length} entries and the head of the log are those of the workspace. Whether its own log is whole, \`verify --workspace\` says.`,
    );
}

async function compareResults({ db }: ReadWorkspace, { data }: ReportInput, tell: Tell): Promise<void> {
  const rows = sealedRows(data);
  let wrong = 0;
  for (const { table, row } of rows) {
    const id = String(row['id']);
    const kept = await db
      .selectFrom(table as 'verdicts')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (kept && digestOf(table, [kept as unknown as ReportRow]) === digestOf(table, [row])) continue;
    wrong++;
    tell('wrong', 'workspace', `${id} (${table}) is not in the workspace as the report has it.`);
  }
  if (wrong === 0) tell('holds', 'workspace', `${rows.length} results are those of the workspace.`);
}

async function compareImages(
  workspace: ReadWorkspace,
  { data, images }: ReportInput,
  tell: Tell,
): Promise<void> {
  const blobs = readableBlobs((hash) => workspace.blobPath(hash));
  const examiner = createExaminer();
  const made = await makeImages(viewOf(data).pictures, { blobs, examiner }).finally(() => examiner.close());
  const keys = [...new Set([...made.keys(), ...images.keys()])];
  const different = keys.filter((key) => made.get(key)?.src !== images.get(key)?.src);
  for (const key of different)
    tell('wrong', 'pictures', `The image ${key} is not what the stored file gives, or the file is gone.`);
  if (different.length === 0)
    tell('holds', 'pictures', `${keys.length} pictures and maps are what the files of the workspace give.`);
}
