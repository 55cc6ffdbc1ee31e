/** Whether a report is what was written: what its file alone can show, and what takes the workspace that it came from. */
import { createHash } from 'node:crypto';
import { AppError } from '#contract/errors.ts';
import type { ReportCheck, ReportFinding } from '#contract/report.ts';
import type { ReadWorkspace } from '#storage/read-workspace.ts';
import { checkLogExtract, checkSeals, type Tell } from './check-records.ts';
import { compareWithWorkspace, findWritten } from './compare-with-workspace.ts';
import { renderReport, type ReportInput } from './render-report.ts';
import { looksLikeReport, parseReport } from './report-file.ts';
import { viewOf } from './report-view.ts';
import { titleOf } from './sections/front.ts';

export type Verified = { programVersion: string; workspace: ReadWorkspace | null };

const isPdf = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, 5)).toString('latin1') === '%PDF-';

/** Whether the bytes are a report of either format, or are meant to be one. */
export const isReport = (bytes: Uint8Array): boolean =>
  isPdf(bytes) || looksLikeReport(Buffer.from(bytes.subarray(0, 4000)).toString('utf8'));

/** Errors: `report_invalid` where it is no report; what is wrong with one stands in the findings. */
export async function verifyReport(
  bytes: Uint8Array,
  { programVersion, workspace }: Verified,
): Promise<ReportCheck> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const findings: ReportFinding[] = [];
  const tell: Tell = (result, area, message) => void findings.push({ result, area, message });
  const check = { sha256, programVersion: null, subject: null, findings };
  if (isPdf(bytes)) {
    tell(
      'not-checked',
      'text',
      'A PDF holds no data to build its text from again; the HTML of the same report does.',
    );
    await findWritten(workspace, sha256, tell);
    return { ...check, ok: isOk(findings) };
  }
  const text = Buffer.from(bytes).toString('utf8');
  const input = parseReport(text);
  const subject = subjectOf(input);
  checkText(text, input, programVersion, tell);
  checkLogExtract(input, tell);
  checkSeals(input.data, tell);
  await findWritten(workspace, sha256, tell);
  if (workspace) await compareWithWorkspace(workspace, input, tell);
  else
    tell(
      'not-checked',
      'pictures',
      'Whether the pictures and maps are made from the stored files: it takes the workspace (--data-dir).',
    );
  return { ...check, programVersion: input.data.programVersion, subject, ok: isOk(findings) };
}

const isOk = (findings: readonly ReportFinding[]): boolean =>
  findings.every(({ result }) => result !== 'wrong');

/** Errors: `report_invalid` where the data are none. */
function subjectOf({ data }: ReportInput): string {
  try {
    return titleOf(viewOf(data));
  } catch (cause) {
    throw new AppError('report_invalid', 'The data in the report are no records of this program.', { cause });
  }
}

function checkText(text: string, input: ReportInput, programVersion: string, tell: Tell): void {
  const { programVersion: writer } = input.data;
  if (writer !== programVersion)
    return tell(
      'not-checked',
      'text',
      `The text was written by Pentimento ${writer}; this is ${programVersion}, which may write it otherwise. Verify it with that version.`,
    );
  const again = renderReport(input);
  if (again === text)
    return tell(
      'holds',
      'text',
      'Built again from the data in the file, the text is the same, character by character.',
    );
  const [lines, others] = [text.split('\n'), again.split('\n')];
  const line = lines.findIndex((one, at) => one !== others[at]);
  tell(
    'wrong',
    'text',
    `The text is not what its data give: they part in line ${(line < 0 ? lines.length : line) + 1}.`,
  );
}
